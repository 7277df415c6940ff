//! Which of the eight masks a QR code gets: that with the lowest penalty (ISO/IEC 18004 §7.8).
//!
//! `qrcode` scores the modules one by one, which takes nineteen twentieths of the time that a symbol
//! takes; here a row is one machine word or three, and a score some shifts of them.

use qrcode::Color;
use qrcode::canvas::{Canvas, MaskPattern, Module};

use super::rows::{PERIOD, Row, Wide};

/// A mask, and whether it inverts the module of column `x` and row `y`.
type Mask = (MaskPattern, fn(usize, usize) -> bool);

/// The masks in the order of their reference (ISO/IEC 18004 table 10).
const MASKS: [Mask; 8] = [
    (MaskPattern::Checkerboard, |x, y| x % 2 == y % 2),
    (MaskPattern::HorizontalLines, |_, y| y % 2 == 0),
    (MaskPattern::VerticalLines, |x, _| x % 3 == 0),
    (MaskPattern::DiagonalLines, |x, y| matches!((x % 3, y % 3), (0, 0) | (1, 2) | (2, 1))),
    (MaskPattern::LargeCheckerboard, |x, y| (y / 2) % 2 == (x / 3) % 2),
    (MaskPattern::Fields, |x, y| halves(x, y) == 0 && thirds(x, y) == 0),
    (MaskPattern::Diamonds, |x, y| halves(x, y) == thirds(x, y) % 2),
    (MaskPattern::Meadow, |x, y| usize::from(x % 2 != y % 2) == thirds(x, y) % 2),
];

/// `x * y` modulo 2.
const fn halves(x: usize, y: usize) -> usize {
    x & y & 1
}

/// `x * y` modulo 3.
const fn thirds(x: usize, y: usize) -> usize {
    match (x % 3, y % 3) {
        (0, _) | (_, 0) => 0,
        (1, 1) | (2, 2) => 1,
        _ => 2,
    }
}

/// The modules of a drawn symbol of level M under the mask that suits it best; of equal ones under
/// the first.
pub(super) fn masked(mut drawn: Canvas, width: usize) -> Vec<Color> {
    // WebAssembly is built for its size: one form does for both there.
    let number = match width {
        ..=64 if cfg!(not(target_family = "wasm")) => best(&Symbol::<u64>::of(&drawn, width)),
        _ => best(&Symbol::<Wide>::of(&drawn, width)),
    };
    if let Some((pattern, _)) = MASKS.get(number) {
        drawn.apply_mask(*pattern);
    }
    drawn.into_colors()
}

fn best<R: Row>(symbol: &Symbol<R>) -> usize {
    let penalties = (0..MASKS.len()).map(|number| (symbol.under(number).penalty(), number));
    penalties.min().map_or(0, |(_, number)| number)
}

/// A symbol before it is masked.
struct Symbol<R> {
    width: usize,
    rows: Lines<R>,
    /// The same from the other side: what stands below each other is a row.
    columns: Lines<R>,
}

/// The lines of a symbol.
struct Lines<R> {
    /// The dark modules.
    dark: Vec<R>,
    /// The modules of data and error correction, and the few behind them: these alone are masked.
    data: Vec<R>,
}

/// The dark modules of a symbol under a mask, by rows and by columns.
struct Masked<R> {
    width: usize,
    rows: Vec<R>,
    columns: Vec<R>,
}

impl<R: Row> Lines<R> {
    fn of(width: usize, module: impl Fn(i16, i16) -> Module) -> Self {
        let (mut dark, mut data) = (Vec::new(), Vec::new());
        let side = i16::try_from(width).unwrap_or_default();
        for y in 0..side {
            let (mut dark_row, mut data_row) = (R::default(), R::default());
            for (place, x) in (0..side).enumerate() {
                let module = module(x, y);
                dark_row = dark_row.with(place, module.is_dark());
                data_row = data_row.with(place, !matches!(module, Module::Masked(_)));
            }
            dark.push(dark_row);
            data.push(data_row);
        }
        Self { dark, data }
    }

    fn under(&self, inverts: impl Fn(usize, usize) -> bool) -> Vec<R> {
        let patterns: [R; PERIOD] = std::array::from_fn(|y| {
            let bits = (0..PERIOD).map(|x| u64::from(inverts(x, y)) << x);
            R::repeated(bits.fold(0, |row, bit| row | bit))
        });
        let lines = self.dark.iter().zip(&self.data).zip(patterns.iter().cycle());
        lines.map(|((dark, data), pattern)| *dark ^ (*pattern & *data)).collect()
    }
}

impl<R: Row> Symbol<R> {
    fn of(drawn: &Canvas, width: usize) -> Self {
        let rows = Lines::of(width, |x, y| drawn.get(x, y));
        Self { width, rows, columns: Lines::of(width, |y, x| drawn.get(x, y)) }
    }

    fn under(&self, number: usize) -> Masked<R> {
        let inverts =
            MASKS.get(number).map_or((|_, _| false) as fn(_, _) -> _, |(_, inverts)| *inverts);
        let mut rows = self.rows.under(inverts);
        let mut columns = self.columns.under(|y, x| inverts(x, y));
        self.put_format(number, &mut rows, &mut columns);
        Masked { width: self.width, rows, columns }
    }

    /// The format information, twice (ISO/IEC 18004 §7.9.1): five bits of level and mask, ten of a
    /// BCH code. Above it stands the one dark module.
    fn put_format(&self, number: usize, rows: &mut [R], columns: &mut [R]) {
        const DARK: u32 = 15;
        let format = format(number) | 1 << DARK;
        let mut put = |x: usize, y: usize, bit: u32| {
            let is_dark = format & 1 << bit != 0;
            if let (Some(row), Some(column)) = (rows.get_mut(y), columns.get_mut(x)) {
                *row = row.with(x, is_dark);
                *column = column.with(y, is_dark);
            }
        };
        put(8, self.width.saturating_sub(8), DARK);
        for bit in 0..8 {
            let along = usize::try_from(bit).unwrap_or_default();
            // Around the finder pattern of the first corner, past the timing pattern.
            let past = along.saturating_add(usize::from(along >= 6));
            put(8, past, bit);
            put(self.width.saturating_sub(along).saturating_sub(1), 8, bit);
        }
        for bit in 8..15 {
            let along = usize::try_from(15_u32.saturating_sub(bit)).unwrap_or_default();
            let past = along.saturating_sub(usize::from(along <= 6));
            put(past, 8, bit);
            put(8, self.width.saturating_sub(along), bit);
        }
    }
}

/// The fifteen bits of the format information of level M, whose own two bits are zeros.
fn format(number: usize) -> u32 {
    let data = u32::try_from(number & 7).unwrap_or_default() << 10;
    let mut rest = data;
    for shift in (0..5).rev() {
        let generator = 0b101_0011_0111 << shift;
        if rest & (1 << 10 << shift) != 0 {
            rest ^= generator;
        }
    }
    (data | rest) ^ 0b101_0100_0001_0010
}

impl<R: Row> Masked<R> {
    /// The penalty: runs of five and more, blocks of four, what looks like a finder pattern, and too
    /// many modules of one colour (N1 to N4 of ISO/IEC 18004 table 11).
    fn penalty(&self) -> u32 {
        let mut total = 0_u32;
        let mut add = |count: u32, weight: u32| {
            total = total.saturating_add(count.saturating_mul(weight));
        };
        let all = R::all(self.width);
        for dark in self.rows.iter().chain(&self.columns).copied() {
            let light = all & !dark;
            for colour in [dark, light] {
                let pair = colour & colour.right(1);
                let run = pair & pair.right(2) & colour.right(4);
                // A run of n has n - 4 places where five begin, and counts n - 2.
                add(run.count(), 1);
                add((run & !run.right(1)).count(), 2);
            }
            // 1:1:3:1:1 with four light modules before or behind it.
            let finder = dark & light.right(1) & dark.right(2) & dark.right(3);
            let finder = finder & dark.right(4) & light.right(5) & dark.right(6);
            let pair = light & light.right(1);
            let four = pair & pair.right(2);
            add((finder & four.right(7)).count(), 40);
            add((four & finder.right(4)).count(), 40);
        }
        let inner = R::all(self.width.saturating_sub(1));
        let mut dark = 0_u32;
        let mut above = None;
        for row in self.rows.iter().copied() {
            dark = dark.saturating_add(row.count());
            let beside = row ^ row.right(1);
            if let Some((row_above, beside_above)) = above {
                add((inner & !(beside | beside_above | (row ^ row_above))).count(), 3);
            }
            above = Some((row, beside));
        }
        // Ten for each full five percent away from a half.
        let modules = u32::try_from(self.width.saturating_mul(self.width)).unwrap_or(u32::MAX);
        let away = dark.saturating_mul(20).abs_diff(modules.saturating_mul(10));
        add(away.checked_div(modules).unwrap_or_default(), 10);
        total
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)] // small numbers of our own
mod tests {
    use qrcode::EcLevel;
    use qrcode::bits::encode_auto;

    use super::*;

    /// The penalty, module by module, as the standard words it.
    fn in_words(modules: &[Color], width: usize) -> usize {
        let at = |x: usize, y: usize| modules[y * width + x] == Color::Dark;
        let mut total = 0;
        for across in [true, false] {
            for line in 0..width {
                let line: Vec<bool> =
                    (0..width).map(|i| if across { at(i, line) } else { at(line, i) }).collect();
                total += line
                    .chunk_by(|one, next| one == next)
                    .filter(|run| run.len() >= 5)
                    .map(|run| run.len() - 2)
                    .sum::<usize>();
                let finder = |window: &&[bool]| {
                    let text: String =
                        window.iter().map(|dark| if *dark { '1' } else { '0' }).collect();
                    text == "10111010000" || text == "00001011101"
                };
                total += 40 * line.windows(11).filter(finder).count();
            }
        }
        for y in 1..width {
            for x in 1..width {
                let block = [at(x, y), at(x - 1, y), at(x, y - 1), at(x - 1, y - 1)];
                total += 3 * usize::from(block.iter().all(|dark| *dark == block[0]));
            }
        }
        let dark = modules.iter().filter(|module| **module == Color::Dark).count();
        let percent = dark as f64 * 100.0 / modules.len() as f64;
        total + 10 * ((percent - 50.0).abs() / 5.0).floor() as usize
    }

    /// A symbol of a text before it is masked, and its width.
    fn drawn(text: &str) -> (Canvas, usize) {
        let bits = encode_auto(text.as_bytes(), EcLevel::M).unwrap();
        let version = bits.version();
        let (data, correction) =
            qrcode::ec::construct_codewords(&bits.into_bytes(), version, EcLevel::M).unwrap();
        let mut canvas = Canvas::new(version, EcLevel::M);
        canvas.draw_all_functional_patterns();
        canvas.draw_data(&data, &correction);
        (canvas, usize::try_from(version.width()).unwrap())
    }

    fn colours<R: Row>(masked: &Masked<R>) -> Vec<Color> {
        let width = masked.width;
        let is_dark = |x: usize, y: usize| {
            let is_in = |line: R, place| (R::default().with(place, true) & line).count() == 1;
            let is_dark = is_in(masked.rows[y], x);
            assert_eq!(is_in(masked.columns[x], y), is_dark, "{x} {y}");
            is_dark
        };
        let colour = |at: usize| match is_dark(at % width, at / width) {
            true => Color::Dark,
            false => Color::Light,
        };
        (0..width * width).map(colour).collect()
    }

    fn held_to_the_words<R: Row>(canvas: &Canvas, width: usize) -> Vec<usize> {
        let symbol = Symbol::<R>::of(canvas, width);
        let penalty = |(number, (pattern, _)): (usize, &(MaskPattern, _))| {
            let mut by_qrcode = canvas.clone();
            by_qrcode.apply_mask(*pattern);
            let modules = by_qrcode.into_colors();
            let masked = symbol.under(number);
            assert!(colours(&masked) == modules, "{pattern:?} of width {width}");
            let penalty = in_words(&modules, width);
            assert_eq!(masked.penalty() as usize, penalty, "{pattern:?} of width {width}");
            penalty
        };
        MASKS.iter().enumerate().map(penalty).collect()
    }

    #[test]
    fn masks_and_penalties_are_those_of_the_standard() {
        for length in (0..400).step_by(23).chain([900, 1700, 2331]) {
            let text: String = (0..length).map(|n| char::from(b'!' + (n * n % 90) as u8)).collect();
            let (canvas, width) = drawn(&text);
            let penalties = match width {
                ..=64 => {
                    let wide = held_to_the_words::<Wide>(&canvas, width);
                    assert_eq!(held_to_the_words::<u64>(&canvas, width), wide);
                    wide
                }
                _ => held_to_the_words::<Wide>(&canvas, width),
            };
            let chosen = in_words(&masked(canvas, width), width);
            assert_eq!(Some(&chosen), penalties.iter().min(), "{length}");
            assert!(penalties.iter().max() > Some(&chosen));
        }
    }
}
