//! Content negotiation (RFC 9110 §12.5.1): an enrolment as JSON or as its picture.

/// How an enrolment is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Json,
    Png,
    Svg,
}

/// What can be had, the first of equals preferred.
const OFFERED: [(Shown, &str, &str); 3] = [
    (Shown::Json, "application", "json"),
    (Shown::Png, "image", "png"),
    (Shown::Svg, "image", "svg+xml"),
];

/// What a client prefers. One that accepts nothing of it gets JSON.
pub(super) fn preferred(accept: Option<&str>) -> Shown {
    let Some(accept) = accept else { return Shown::Json };
    let mut best = (Shown::Json, 0);
    for (shown, kind, subtype) in OFFERED {
        let quality = quality(accept, kind, subtype);
        if quality > best.1 {
            best = (shown, quality);
        }
    }
    best.0
}

/// The quality, in thousandths, that the most specific range gives a media type.
fn quality(accept: &str, kind: &str, subtype: &str) -> u32 {
    let mut found = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let (wanted, wanted_subtype) =
            parts.next().and_then(|range| range.split_once('/')).unwrap_or_default();
        let specific = match (wanted, wanted_subtype) {
            ("*", "*") => 1,
            (wanted, "*") if wanted.eq_ignore_ascii_case(kind) => 2,
            (wanted, other)
                if wanted.eq_ignore_ascii_case(kind) && other.eq_ignore_ascii_case(subtype) =>
            {
                3
            }
            _ => continue,
        };
        if specific > found.0 {
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            found = (specific, weight.map_or(1000, thousandths));
        }
    }
    found.1
}

/// A weight (RFC 9110 §12.4.2) in thousandths; one that is malformed counts as nothing.
fn thousandths(weight: &str) -> u32 {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = format!("{fraction:0<3}");
    match (whole, digits.parse::<u32>()) {
        ("1", Ok(0)) => 1000,
        ("0", Ok(fraction)) if digits.len() == 3 => fraction,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_form_is_shown() {
        for (accept, shown) in [
            (None, Shown::Json),
            (Some("*/*"), Shown::Json),
            (Some("application/json"), Shown::Json),
            (Some("image/png"), Shown::Png),
            (Some("IMAGE/PNG;q=0.5"), Shown::Png),
            (Some("image/svg+xml"), Shown::Svg),
            (Some("image/*"), Shown::Png),
            (Some("image/svg+xml, image/png;q=0.9"), Shown::Svg),
            (Some("image/avif,image/webp,image/png,image/svg+xml,image/*,*/*;q=0.8"), Shown::Png),
            (Some("application/json;q=0.2, image/png;q=0.1"), Shown::Json),
            (Some("image/png;q=0"), Shown::Json),
            (Some("image/png;q=2"), Shown::Json),
            (Some("text/html"), Shown::Json),
            (Some(";;,/,q="), Shown::Json),
        ] {
            assert_eq!(preferred(accept), shown, "{accept:?}");
        }
    }
}
