//! The way through a password that takes the fewest guesses.

use crate::matches::{Match, Matches, Pattern, widened};
use crate::{dates, dictionary, folded, leet, repeats, sequences, spatial};

/// Guesses for a character that nothing explains.
const BRUTE_FORCE: u64 = 10;

/// What an attacker tries before a sequence gets longer by one.
const BEFORE_LONGER: u64 = 10_000;

/// What an attacker knows.
pub(crate) struct Known {
    /// In lower case, none empty.
    pub(crate) inputs: Vec<Vec<char>>,
    /// The Gregorian year.
    pub(crate) year: i32,
}

/// The fewest guesses, and by which matches, from the first character to the last.
pub(crate) struct Fewest {
    pub(crate) guesses: u64,
    pub(crate) sequence: Vec<Match>,
}

/// The best way to a place in the password by so many matches.
#[derive(Clone, Copy)]
struct Way {
    matches: u64,
    /// Of the guesses of each.
    product: u64,
    guesses: u64,
    last: Option<Match>,
}

/// The ways to one place, at most one for each number of matches, in the order in which they were
/// found: the order decides which longer ways are tried at all, so it has to be the same always.
type Ways = Vec<Way>;

/// Finds the sequence of matches that covers the password and minimises
/// `l! × Π guesses + 10000^(l-1)` for `l` matches (Wheeler 2016, §2.4).
pub(crate) fn fewest_guesses(password: &[char], known: &Known) -> Fewest {
    let matches = recognised(password, known);
    let nothing = Way { matches: 0, product: 1, guesses: 1, last: None };
    let mut ways: Vec<Ways> = vec![vec![nothing]];
    for end in 1..=password.len() {
        let mut here = Ways::new();
        for found in matches.ending_at(end) {
            for way in ways.get(found.start).into_iter().flatten() {
                extend(&mut here, way, found);
            }
        }
        for start in 0..end {
            let guesses = brute_force(end.saturating_sub(start));
            let unexplained = Match { start, end, guesses, pattern: Pattern::BruteForce };
            for way in ways.get(start).into_iter().flatten() {
                // Two of these in a row are worse than one that covers both.
                if way.last.is_none_or(|last| last.pattern != Pattern::BruteForce) {
                    extend(&mut here, way, &unexplained);
                }
            }
        }
        ways.push(here);
    }
    unwound(&ways)
}

fn recognised(password: &[char], known: &Known) -> Matches {
    let lower = folded(password.iter().copied());
    let mut matches = Matches::new(password.len());
    dictionary::add(&mut matches, password, &lower, &known.inputs);
    leet::add(&mut matches, password, &lower, &known.inputs);
    spatial::add(&mut matches, password);
    repeats::add(&mut matches, password, known);
    sequences::add(&mut matches, password);
    dates::add_years(&mut matches, password, known.year);
    dates::add_dates(&mut matches, password, known.year);
    matches
}

/// Keeps the way with one more match, unless one with no more matches takes no more guesses.
fn extend(here: &mut Ways, way: &Way, by: &Match) {
    let matches = way.matches.saturating_add(1);
    let product = way.product.saturating_mul(by.guesses);
    let orders = (1..=matches).fold(1, u64::saturating_mul);
    let shorter = u32::try_from(way.matches).map_or(u64::MAX, |l| BEFORE_LONGER.saturating_pow(l));
    let guesses = orders.saturating_mul(product).saturating_add(shorter);
    // Beyond counting: one match for the whole is as good, and keeps the list short.
    if guesses == u64::MAX && matches > 1 {
        return;
    }
    if here.iter().any(|other| other.matches <= matches && other.guesses <= guesses) {
        return;
    }
    let better = Way { matches, product, guesses, last: Some(*by) };
    match here.iter_mut().find(|other| other.matches == matches) {
        Some(other) => *other = better,
        None => here.push(better),
    }
}

fn brute_force(length: usize) -> u64 {
    let guesses = u32::try_from(length).map_or(u64::MAX, |l| BRUTE_FORCE.saturating_pow(l));
    // One more than the least of a match, so that a match over the same stretch wins.
    guesses.max(if widened(length) == 1 { 11 } else { 51 })
}

fn unwound(ways: &[Ways]) -> Fewest {
    let mut place = ways.len().saturating_sub(1);
    let best = ways.get(place).and_then(|here| here.iter().min_by_key(|way| way.guesses));
    let guesses = best.map_or(1, |way| way.guesses);
    let mut sequence = Vec::new();
    let mut matches = best.map_or(0, |way| way.matches);
    while let Some(last) = ways
        .get(place)
        .and_then(|here| here.iter().find(|way| way.matches == matches))
        .and_then(|way| way.last)
    {
        sequence.push(last);
        place = last.start;
        matches = matches.saturating_sub(1);
    }
    sequence.reverse();
    Fewest { guesses, sequence }
}
