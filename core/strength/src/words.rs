//! The lists of common words, and where in a text one of them begins.

use std::sync::OnceLock;

/// One word a line, each list headed by its name and with the commonest word first.
const WORDS: &str = include_str!("words.txt");

/// Common passwords that are in none of those lists; they come after its passwords.
const MORE_PASSWORDS: &str = include_str!("more_passwords.txt");

/// Where a word is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Passwords,
    English,
    FemaleNames,
    Surnames,
    TvAndFilm,
    MaleNames,
    /// What the user gave.
    UserInputs,
}

/// The headings in the file.
const HEADINGS: [(&str, List); 6] = [
    ("= passwords", List::Passwords),
    ("= english_wikipedia", List::English),
    ("= female_names", List::FemaleNames),
    ("= surnames", List::Surnames),
    ("= us_tv_and_film", List::TvAndFilm),
    ("= male_names", List::MaleNames),
];

/// A word of a list. No word is in two lists.
#[derive(Debug)]
pub(crate) struct Listed {
    word: &'static str,
    pub(crate) list: List,
    /// 1 for the commonest.
    pub(crate) rank: u64,
}

/// All words, found by their letters.
pub(crate) struct Words {
    listed: Vec<Listed>,
    /// A hash table with linear probing: 0, or one more than the place in `listed`.
    slots: Vec<u32>,
    /// Whether a word begins with four letters of this hash: lets most searches end early.
    beginnings: Vec<bool>,
    longest: usize,
}

/// Room for the words, a good third of it filled. A power of two.
const SLOTS: u32 = 1 << 18;
const BEGINNING: usize = 4;

/// FNV-1a, letter by letter.
#[derive(Clone, Copy)]
struct Hash(u32);

impl Hash {
    const fn new() -> Self {
        Self(0x811c_9dc5)
    }

    fn with(self, letter: u8) -> Self {
        Self((self.0 ^ u32::from(letter)).wrapping_mul(0x0100_0193))
    }

    /// Its place in a table of [`SLOTS`].
    fn place(self) -> usize {
        let mixed = (self.0 ^ (self.0 >> 15)).wrapping_mul(0x85eb_ca6b);
        usize::try_from((mixed ^ (mixed >> 13)) & SLOTS.wrapping_sub(1)).unwrap_or(0)
    }
}

/// The words; their table is made when it is first asked for.
pub(crate) fn words() -> &'static Words {
    static MADE: OnceLock<Words> = OnceLock::new();
    MADE.get_or_init(Words::make)
}

fn next(place: usize) -> usize {
    let last = usize::try_from(SLOTS).unwrap_or(0).saturating_sub(1);
    if place >= last { 0 } else { place.saturating_add(1) }
}

impl Words {
    fn make() -> Self {
        let size = usize::try_from(SLOTS).unwrap_or(0);
        let mut made = Self {
            listed: Vec::new(),
            slots: vec![0; size],
            beginnings: vec![false; size],
            longest: 0,
        };
        let (mut list, mut rank) = (List::Passwords, 0_u64);
        let mut passwords = 0_u64;
        for line in WORDS.lines().filter(|line| !line.starts_with("# ")) {
            if let Some((_, named)) = HEADINGS.iter().find(|(heading, _)| *heading == line) {
                (list, rank) = (*named, 0);
            } else {
                rank = rank.saturating_add(1);
                made.insert(Listed { word: line, list, rank });
                if list == List::Passwords {
                    passwords = rank;
                }
            }
        }
        let more = MORE_PASSWORDS.lines().filter(|line| !line.starts_with("# "));
        for (word, further) in more.zip(1_u64..) {
            let rank = passwords.saturating_add(further);
            made.insert(Listed { word, list: List::Passwords, rank });
        }
        made
    }

    fn insert(&mut self, listed: Listed) {
        let mut hash = Hash::new();
        for (index, letter) in listed.word.bytes().enumerate() {
            hash = hash.with(letter);
            if index.saturating_add(1) == BEGINNING
                && let Some(beginning) = self.beginnings.get_mut(hash.place())
            {
                *beginning = true;
            }
        }
        self.longest = self.longest.max(listed.word.len());
        self.listed.push(listed);
        let mut place = hash.place();
        while let Some(slot) = self.slots.get_mut(place) {
            if *slot == 0 {
                *slot = u32::try_from(self.listed.len()).unwrap_or(0);
                return;
            }
            place = next(place);
        }
    }

    /// The words with which a text in lower case begins, and how long each is.
    pub(crate) fn beginning<'a>(
        &'a self,
        text: &'a [char],
    ) -> impl Iterator<Item = (usize, &'a Listed)> {
        let letters = text.iter().take(self.longest).map_while(|c| u8::try_from(*c).ok());
        let mut hash = Hash::new();
        let hashes = letters.enumerate().map_while(move |(index, letter)| {
            hash = hash.with(letter);
            let length = index.saturating_add(1);
            let ends = length == BEGINNING
                && !self.beginnings.get(hash.place()).copied().unwrap_or_default();
            (!ends).then_some((length, hash))
        });
        hashes.filter_map(|(length, hash)| {
            Some((length, self.find(hash, text.get(..length).unwrap_or_default())?))
        })
    }

    fn find(&self, hash: Hash, text: &[char]) -> Option<&Listed> {
        let mut place = hash.place();
        loop {
            let number = self.slots.get(place).copied().filter(|slot| *slot > 0)?;
            let listed = self.listed.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
            if listed.word.chars().eq(text.iter().copied()) {
                return Some(listed);
            }
            place = next(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_word_is_found_and_in_one_list_only() {
        let words = words();
        assert_eq!(words.listed.len(), 93_949);
        let distinct: BTreeSet<_> = words.listed.iter().map(|listed| listed.word).collect();
        assert_eq!(distinct.len(), words.listed.len());
        for listed in &words.listed {
            assert!(listed.word.bytes().all(|b| b.is_ascii_graphic()), "{}", listed.word);
            let text: Vec<char> = listed.word.chars().collect();
            let found = words.beginning(&text).find(|(length, _)| *length == text.len());
            let (_, found) = found.expect("a word of a list");
            assert_eq!((found.list, found.rank), (listed.list, listed.rank));
        }
    }

    #[test]
    fn what_is_no_word_is_not_found() {
        let text: Vec<char> = "zqxjkv\u{e9}".chars().collect();
        assert!(words().beginning(&text).all(|(length, _)| length < 4));
        assert_eq!(words().beginning(&['\u{4e02}']).count(), 0);
    }
}
