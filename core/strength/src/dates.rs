//! Years (`1987`) and dates (`13.8.87`, `870813`), which people remember.

use crate::matches::{Matches, Pattern};

/// Years that are written in dates.
const YEARS: std::ops::RangeInclusive<i32> = 1000..=2050;

/// How far a year lies from now, at least: near ones are not told apart.
const MIN_YEAR_SPACE: u64 = 20;

/// Where the digits of a date without separators can be cut, by their number.
const SPLITS: [(usize, &[(usize, usize)]); 5] = [
    (4, &[(1, 2), (2, 3)]),
    (5, &[(1, 3), (2, 3)]),
    (6, &[(1, 2), (2, 4), (4, 5)]),
    (7, &[(1, 3), (2, 3), (4, 5), (4, 6)]),
    (8, &[(2, 4), (4, 6)]),
];

/// Adds the years of 1900 to 2099.
pub(crate) fn add_years(matches: &mut Matches, password: &[char], now: i32) {
    let mut start: usize = 0;
    while start < password.len() {
        let end = start.saturating_add(4);
        let year = number(password.get(start..end).unwrap_or_default());
        match year {
            Some(year) if (1900..=2099).contains(&year) => {
                matches.add(start, end, year_space(year, now), Pattern::Year);
                start = end;
            }
            _ => start = start.saturating_add(1),
        }
    }
}

/// Adds the dates, but for those that are part of another.
pub(crate) fn add_dates(matches: &mut Matches, password: &[char], now: i32) {
    let mut dates = Vec::new();
    for start in 0..password.len() {
        for length in 4..=10_usize {
            let end = start.saturating_add(length);
            let Some(token) = password.get(start..end) else { break };
            if let Some(guesses) = together(token, now).or_else(|| separated(token, now)) {
                dates.push((start, end, guesses));
            }
        }
    }
    for (start, end, guesses) in &dates {
        let within =
            |(s, e, _): &(usize, usize, u64)| s <= start && end <= e && (s, e) != (start, end);
        if !dates.iter().any(within) {
            matches.add(*start, *end, *guesses, Pattern::Date);
        }
    }
}

/// Guesses for a date of digits only.
fn together(token: &[char], now: i32) -> Option<u64> {
    let (_, splits) = SPLITS.iter().find(|(length, _)| *length == token.len())?;
    let years = splits.iter().filter_map(|(first, second)| {
        let parts = [token.get(..*first)?, token.get(*first..*second)?, token.get(*second..)?];
        year_of(parts)
    });
    let nearest = years.min_by_key(|year| year.abs_diff(now))?;
    Some(year_space(nearest, now).saturating_mul(365))
}

/// Guesses for a date of 6 to 10 characters whose parts are separated by one, twice the same.
fn separated(token: &[char], now: i32) -> Option<u64> {
    let separators = [' ', '\t', '\n', '\r', '/', '\\', '_', '.', '-'];
    let separator = token.iter().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&[char]> = token.split(|c| c == separator).collect();
    let &[first, second, third] = parts.as_slice() else { return None };
    let fits = token.len() >= 6
        && separators.contains(separator)
        && (1..=4).contains(&first.len())
        && (1..=2).contains(&second.len())
        && (1..=4).contains(&third.len());
    let year = year_of([first, second, third]).filter(|_| fits)?;
    // Times four for the choice of the separator.
    Some(year_space(year, now).saturating_mul(365 * 4))
}

fn year_space(year: i32, now: i32) -> u64 {
    u64::from(year.abs_diff(now)).max(MIN_YEAR_SPACE)
}

/// The number that up to four digits are.
fn number(digits: &[char]) -> Option<i32> {
    let digit = |sum: i32, c: &char| {
        let digit = i32::try_from(c.to_digit(10)?).ok()?;
        sum.checked_mul(10)?.checked_add(digit)
    };
    (1..=4).contains(&digits.len()).then(|| digits.iter().try_fold(0, digit))?
}

/// The year of three numbers that are a date with the year in front or at the end.
fn year_of(parts: [&[char]; 3]) -> Option<i32> {
    let [first, second, third] = [number(parts[0])?, number(parts[1])?, number(parts[2])?];
    let all = [first, second, third];
    let many = |fits: fn(&i32) -> bool| all.iter().filter(|part| fits(part)).count();
    if !(1..=31).contains(&second)
        || many(|part| (100..1000).contains(part) || *part > *YEARS.end()) > 0
        || many(|part| *part > 31) > 1
        || many(|part| *part > 12) > 2
        || many(|part| *part < 1) > 1
    {
        return None;
    }
    let splits = [(third, (first, second)), (first, (second, third))];
    let is_day = |(a, b): (i32, i32)| {
        let day_month = |day, month| (1..=31).contains(&day) && (1..=12).contains(&month);
        day_month(a, b) || day_month(b, a)
    };
    if let Some((year, rest)) = splits.iter().find(|(year, _)| YEARS.contains(year)) {
        return is_day(*rest).then_some(*year);
    }
    let (year, _) = splits.iter().find(|(_, rest)| is_day(*rest))?;
    match *year {
        year if year > 99 => Some(year),
        year if year > 50 => year.checked_add(1900),
        year => year.checked_add(2000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(first: &str, second: &str, third: &str) -> Option<i32> {
        let parts: Vec<Vec<char>> =
            [first, second, third].iter().map(|part| part.chars().collect()).collect();
        year_of([&parts[0], &parts[1], &parts[2]])
    }

    #[test]
    fn the_year_is_in_front_or_at_the_end() {
        assert_eq!(year("13", "8", "1987"), Some(1987));
        assert_eq!(year("1987", "13", "8"), Some(1987));
        assert_eq!(year("13", "8", "87"), Some(1987));
        assert_eq!(year("1", "1", "15"), Some(2015));
        assert_eq!(year("32", "13", "1987"), None);
        assert_eq!(year("0", "0", "1987"), None);
        assert_eq!(year("1", "1", "2051"), None);
    }
}
