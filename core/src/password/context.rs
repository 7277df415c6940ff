//! What a password should not be made of: names, address and site, taken apart into words.

use std::collections::BTreeSet;

/// Words at most, so that the estimate is bounded whatever the context is.
const MAX_WORDS: usize = 32;
/// Characters that are looked at of each text.
const MAX_CHARACTERS: usize = 100;
/// Characters of a word at least: shorter ones are in every password.
const LEAST_CHARACTERS: usize = 3;

/// The words of some texts in lower case: of each the whole, its parts, and its parts joined; of an
/// e-mail address also the local part. In the order of the texts, each word once.
pub(crate) fn context_words(texts: &[&str]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut words = Vec::new();
    for text in texts {
        let text: String = text.chars().take(MAX_CHARACTERS).flat_map(char::to_lowercase).collect();
        let local_part = text.rsplit_once('@').map(|(local_part, _)| local_part);
        let wholes = [Some(text.as_str()), local_part].into_iter().flatten();
        let joined = wholes.clone().map(|whole| parts(whole).collect::<String>());
        let wholes: Vec<String> = wholes.map(str::to_owned).chain(joined).collect();
        for word in wholes.into_iter().chain(parts(&text).map(str::to_owned)) {
            let fits = word.chars().count() >= LEAST_CHARACTERS && words.len() < MAX_WORDS;
            if fits && seen.insert(word.clone()) {
                words.push(word);
            }
        }
    }
    words
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart() {
        assert_eq!(
            context_words(&["Ada.Lovelace@mail.example", "Ada M. Lovelace", ""]),
            [
                "ada.lovelace@mail.example",
                "ada.lovelace",
                "adalovelacemailexample",
                "adalovelace",
                "ada",
                "lovelace",
                "mail",
                "example",
                "ada m. lovelace",
                "adamlovelace",
            ]
        );
    }

    // SECURITY 4
    #[test]
    fn a_long_context_is_bounded() {
        let long = "name ".repeat(12_000);
        let many: Vec<String> = (0..100).map(|n| format!("name{n}")).collect();
        let mut texts = vec![long.as_str()];
        texts.extend(many.iter().map(String::as_str));
        let words = context_words(&texts);
        assert_eq!(words.len(), MAX_WORDS);
        assert!(words.iter().all(|word| word.chars().count() <= MAX_CHARACTERS));
    }
}
