//! QR codes (ISO/IEC 18004) of otpauth URIs: the modules, an SVG of one path, a small PNG.

use std::fmt;

use qrcode::canvas::Canvas;
use qrcode::types::QrError;
use qrcode::{Color, EcLevel, bits, ec};

use crate::error::{Code, Error};

mod mask;
mod rows;

/// Light modules around the symbol (ISO/IEC 18004 §9.1).
const QUIET_ZONE: usize = 4;

/// Pixels of a module's side in the PNG.
const SCALE: usize = 4;

/// The modules of a QR code, with error correction of level M.
pub struct Matrix {
    modules: Vec<Color>,
    width: usize,
}

impl Matrix {
    /// The symbol of a text, such as an otpauth URI.
    ///
    /// # Errors
    /// [`Code::InvalidInput`] if the text is not ASCII (readers guess at other encodings), or has
    /// more than the 2,331 bytes that every symbol of level M of the largest size takes.
    pub fn new(text: &str) -> Result<Self, Error> {
        if !text.is_ascii() {
            return Err(Error::new(Code::InvalidInput, "a QR code is made of ASCII only"));
        }
        Self::drawn(text)
            .map_err(|_| Error::new(Code::InvalidInput, "the text is too long for a QR code"))
    }

    fn drawn(text: &str) -> Result<Self, QrError> {
        let bits = bits::encode_auto(text.as_bytes(), EcLevel::M)?;
        let version = bits.version();
        let (data, correction) = ec::construct_codewords(&bits.into_bytes(), version, EcLevel::M)?;
        let mut canvas = Canvas::new(version, EcLevel::M);
        canvas.draw_all_functional_patterns();
        canvas.draw_data(&data, &correction);
        let width = usize::try_from(version.width()).unwrap_or_default();
        Ok(Self { width, modules: mask::masked(canvas, width) })
    }

    /// Modules of a side, without the quiet zone.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.width
    }

    /// The rows from the top, each from the left: whether a module is dark.
    pub fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = bool>> {
        // `max`: chunks of nothing are refused by `chunks`, and there is no such symbol.
        self.modules
            .chunks(self.width.max(1))
            .map(|row| row.iter().map(|module| *module == Color::Dark))
    }

    /// An SVG with a quiet zone, one unit a module: a light ground and one path. It holds no text,
    /// script, style or identifier, and can stand in a page as it is.
    #[must_use]
    pub fn svg(&self) -> String {
        let side = self.width.saturating_add(2 * QUIET_ZONE);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" \
             shape-rendering=\"crispEdges\"><rect width=\"{side}\" height=\"{side}\" \
             fill=\"#fff\"/><path stroke=\"#000\" d=\""
        );
        svg.reserve(self.modules.len().saturating_mul(3));
        for (y, row) in self.modules.chunks(self.width.max(1)).enumerate() {
            svg.push_str(&format!("M{QUIET_ZONE} {}.5", y.saturating_add(QUIET_ZONE)));
            // Runs of one colour, as strokes of width 1 through the middle of the row.
            for run in row.chunk_by(|module, next| module == next) {
                let (verb, end) = match run.first() {
                    Some(Color::Dark) => ('h', ""),
                    _ => ('m', " 0"),
                };
                svg.push(verb);
                put_number(&mut svg, run.len());
                svg.push_str(end);
            }
        }
        svg.push_str("\"/></svg>");
        svg
    }

    /// A PNG with a quiet zone (RFC 2083 by way of ISO/IEC 15948): one bit a pixel, greyscale,
    /// four pixels a module. That of an ordinary otpauth URI has less than 1,000 bytes.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let modules = self.width.saturating_add(2 * QUIET_ZONE);
        // Two modules of four pixels are a byte. The filter type stands before each line: 0, none,
        // and 2, what differs from the line above, which is nothing in the lines that repeat one.
        let light = vec![0xff; modules.div_ceil(2)];
        let mut lines: Vec<u8> = Vec::new();
        let mut add = |line: &[u8]| {
            lines.push(0);
            lines.extend_from_slice(line);
            for _ in 1..SCALE {
                lines.push(2);
                lines.resize(lines.len().saturating_add(line.len()), 0);
            }
        };
        (0..QUIET_ZONE).for_each(|_| add(&light));
        for row in self.rows() {
            let mut line = light.clone();
            for (x, dark) in row.enumerate() {
                let x = x.saturating_add(QUIET_ZONE);
                if let Some(byte) = line.get_mut(x / 2) {
                    let pixels: u8 = if x % 2 == 0 { 0xf0 } else { 0x0f };
                    *byte &= if dark { !pixels } else { 0xff };
                }
            }
            add(&line);
        }
        (0..QUIET_ZONE).for_each(|_| add(&light));
        let side = u32::try_from(modules.saturating_mul(SCALE)).unwrap_or(u32::MAX).to_be_bytes();
        let header = [&side[..], &side, &[1, 0, 0, 0, 0]].concat();
        let data = miniz_oxide::deflate::compress_to_vec_zlib(&lines, 4);
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in [(b"IHDR", &header[..]), (b"IDAT", &data), (b"IEND", &[])] {
            let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
            png.extend_from_slice(&length.to_be_bytes());
            png.extend_from_slice(kind);
            png.extend_from_slice(data);
            png.extend_from_slice(&crc32(&[kind, data]).to_be_bytes());
        }
        png
    }
}

/// A number of at most three digits, as most of a path are.
fn put_number(text: &mut String, number: usize) {
    let digits = [number / 100, number / 10, number].map(|digit| digit % 10);
    let first = digits.iter().position(|digit| *digit > 0).unwrap_or(2);
    for digit in digits.iter().skip(first) {
        text.push(char::from(b"0123456789".get(*digit).copied().unwrap_or(b'0')));
    }
}

/// CRC-32 of the parts (ISO/IEC 15948 annex D), bit by bit: a picture has less than 1,000 bytes.
fn crc32(parts: &[&[u8]]) -> u32 {
    let mut crc = u32::MAX;
    for byte in parts.iter().copied().flatten() {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
    }
    !crc
}

impl fmt::Debug for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The modules are the secret of the URI.
        f.debug_struct("Matrix").field("width", &self.width).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // small numbers of our own
mod tests {
    use super::*;

    const URI: &str = "otpauth://totp/Example:marie%40example.org?secret=\
        GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&algorithm=SHA1&digits=6&period=30";

    /// The modules that an SVG of ours draws.
    fn drawn(svg: &str) -> Vec<(usize, usize)> {
        let (_, path) = svg.split_once(" d=\"M").unwrap();
        let (path, _) = path.split_once('"').unwrap();
        let mut dark = Vec::new();
        for row in path.split('M') {
            let (x, rest) = row.split_once(' ').unwrap();
            let (y, moves) = rest.split_once(".5").unwrap();
            let (mut x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            for (at, _) in moves.match_indices(['h', 'm']) {
                let number: String =
                    moves[at + 1..].chars().take_while(char::is_ascii_digit).collect();
                let length: usize = number.parse().unwrap();
                if moves[at..].starts_with('h') {
                    dark.extend((x..x + length).map(|x| (x - QUIET_ZONE, y - QUIET_ZONE)));
                }
                x += length;
            }
        }
        dark
    }

    #[test]
    fn the_svg_draws_the_dark_modules_and_nothing_else() {
        let matrix = Matrix::new(URI).unwrap();
        let svg = matrix.svg();
        let dark: Vec<(usize, usize)> = matrix
            .rows()
            .enumerate()
            .flat_map(|(y, row)| {
                row.enumerate()
                    .filter(|(_, dark)| *dark)
                    .map(move |(x, _)| (x, y))
                    .collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(drawn(&svg), dark);
        assert_eq!(svg.matches("<path").count(), 1);
        assert!(!svg.contains("script") && !svg.contains("style") && !svg.contains("id="));
        assert!(svg.len() < 12_000, "{}", svg.len());
    }

    #[test]
    fn the_png_of_an_ordinary_uri_is_under_1000_bytes() {
        let png = Matrix::new(URI).unwrap().png();
        assert!(png.len() < 1000, "{}", png.len());
        // The trailer of every PNG, with its well-known checksum.
        assert!(png.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82"));
    }

    #[test]
    fn text_that_readers_would_guess_at_is_refused() {
        assert_eq!(Matrix::new("é").unwrap_err().code, Code::InvalidInput);
        assert_eq!(Matrix::new(&"a".repeat(2332)).unwrap_err().code, Code::InvalidInput);
        assert_eq!(Matrix::new(&"a".repeat(2331)).unwrap().width(), 177);
        assert!(Matrix::new("").unwrap().width() >= 21);
    }

    // SECURITY 88
    #[test]
    fn debug_shows_no_module() {
        let matrix = Matrix::new(URI).unwrap();
        assert_eq!(format!("{matrix:?}"), format!("Matrix {{ width: {}, .. }}", matrix.width()));
    }
}
