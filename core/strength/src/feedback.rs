//! What is wrong with a password, and what would make a better one, as stable codes.

use crate::matches::{Match, Pattern, Word, Written};
use crate::words::List;

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            /// All there are.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The code, which never changes its meaning.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

codes! {
    /// What makes a password easy to guess.
    Warning {
        /// One of the ten commonest passwords.
        Top10 = "top_10",
        /// One of the hundred commonest.
        Top100 = "top_100",
        /// A common password.
        Common = "common",
        /// Like a common password.
        SimilarToCommon = "similar_to_common",
        /// Made of what is known of the account.
        UserInput = "user_input",
        /// A word alone.
        Word = "word",
        /// A name alone.
        Name = "name",
        /// Holds a common name.
        CommonName = "common_name",
        /// A straight row of keys.
        KeyRow = "key_row",
        /// A short pattern on the keyboard.
        KeyPattern = "key_pattern",
        /// One character over and over.
        RepeatedCharacter = "repeated_character",
        /// Something over and over.
        RepeatedPattern = "repeated_pattern",
        /// A sequence such as `abc`.
        Sequence = "sequence",
        /// A recent year.
        RecentYear = "recent_year",
        /// A date.
        Date = "date",
    }
}

codes! {
    /// What would make a better password.
    Suggestion {
        /// A few words, no common phrase.
        UseWords = "use_words",
        /// Symbols, digits and capitals are not needed.
        NoNeedForSymbols = "no_need_for_symbols",
        /// One or two more words.
        AddWords = "add_words",
        /// A capital in front helps little.
        Capitalization = "capitalization",
        /// All capitals help little.
        AllUppercase = "all_uppercase",
        /// Words backwards help little.
        ReversedWords = "reversed_words",
        /// `@` for `a` helps little.
        Substitutions = "substitutions",
        /// A longer pattern with more turns.
        LongerKeyPattern = "longer_key_pattern",
        /// No repetitions.
        AvoidRepeats = "avoid_repeats",
        /// No sequences.
        AvoidSequences = "avoid_sequences",
        /// No recent years.
        AvoidRecentYears = "avoid_recent_years",
        /// No years of one's life.
        AvoidOwnYears = "avoid_own_years",
        /// No dates of one's life.
        AvoidOwnDates = "avoid_own_dates",
    }
}

/// What is said of a password with this score.
pub(crate) fn feedback(
    score: u8,
    sequence: &[Match],
    password: &[char],
) -> (Option<Warning>, Vec<Suggestion>) {
    if score > 2 {
        return (None, Vec::new());
    }
    // The longest; the first of equals.
    let Some(longest) = sequence.iter().rev().max_by_key(|found| found.length()) else {
        return (None, vec![Suggestion::UseWords, Suggestion::NoNeedForSymbols]);
    };
    let alone = sequence.len() == 1;
    let (warning, more) = match longest.pattern {
        Pattern::BruteForce => (None, Vec::new()),
        Pattern::Word(word) => {
            let token = password.get(longest.start..longest.end).unwrap_or_default();
            (of_word(&word, longest.guesses, alone), written(&word, token))
        }
        Pattern::Spatial { turns: 1 } => {
            (Some(Warning::KeyRow), vec![Suggestion::LongerKeyPattern])
        }
        Pattern::Spatial { .. } => (Some(Warning::KeyPattern), vec![Suggestion::LongerKeyPattern]),
        Pattern::Repeat { base: 1 } => {
            (Some(Warning::RepeatedCharacter), vec![Suggestion::AvoidRepeats])
        }
        Pattern::Repeat { .. } => (Some(Warning::RepeatedPattern), vec![Suggestion::AvoidRepeats]),
        Pattern::Sequence => (Some(Warning::Sequence), vec![Suggestion::AvoidSequences]),
        Pattern::Year => (
            Some(Warning::RecentYear),
            vec![Suggestion::AvoidRecentYears, Suggestion::AvoidOwnYears],
        ),
        Pattern::Date => (Some(Warning::Date), vec![Suggestion::AvoidOwnDates]),
    };
    (warning, [vec![Suggestion::AddWords], more].concat())
}

fn of_word(word: &Word, guesses: u64, alone: bool) -> Option<Warning> {
    match word.list {
        List::UserInputs => Some(Warning::UserInput),
        List::Passwords if alone && word.written == Written::Plainly => Some(match word.rank {
            0..=10 => Warning::Top10,
            11..=100 => Warning::Top100,
            _ => Warning::Common,
        }),
        List::Passwords => (guesses <= 10_000).then_some(Warning::SimilarToCommon),
        List::English => alone.then_some(Warning::Word),
        List::FemaleNames | List::Surnames | List::MaleNames => {
            Some(if alone { Warning::Name } else { Warning::CommonName })
        }
        List::TvAndFilm => None,
    }
}

fn written(word: &Word, token: &[char]) -> Vec<Suggestion> {
    let mut suggestions = Vec::new();
    let capitals = token.iter().filter(|c| c.is_ascii_uppercase()).count();
    let leads = token.first().is_some_and(char::is_ascii_uppercase);
    if capitals == 1 && leads && token.len() > 1 {
        suggestions.push(Suggestion::Capitalization);
    } else if capitals > 0 && !token.iter().any(char::is_ascii_lowercase) {
        suggestions.push(Suggestion::AllUppercase);
    }
    match word.written {
        Written::Backwards if token.len() >= 4 => suggestions.push(Suggestion::ReversedWords),
        Written::Leet => suggestions.push(Suggestion::Substitutions),
        _ => {}
    }
    suggestions
}
