//! Media types: what a body is, and what a client wants back.

/// What answers are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// The draft's own type: the status tells how far the request came.
    GraphqlResponse,
    /// For clients from before the draft.
    Json,
}

/// Quality values have at most three decimals.
const QUALITY_MAX: u16 = 1000;

/// One element of an `Accept` header.
struct Range<'a> {
    essence: &'a str,
    quality: u16,
}

impl Media {
    /// Ours first: where a client likes both equally it gets the first.
    const ALL: [Self; 2] = [Self::GraphqlResponse, Self::Json];

    const fn essence(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json",
            Self::Json => "application/json",
        }
    }

    /// The header's value.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// What the client likes best of what there is; `None` if it takes none of it.
    pub(crate) fn negotiate(accept: Option<&str>) -> Option<Self> {
        let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else {
            return Some(Self::GraphqlResponse);
        };
        let ranges: Vec<Range<'_>> = ranges(accept).collect();
        let mut best: Option<(u16, Self)> = None;
        for media in Self::ALL {
            let quality = quality_of(media.essence(), &ranges);
            if quality > best.map_or(0, |(quality, _)| quality) {
                best = Some((quality, media));
            }
        }
        best.map(|(_, media)| media)
    }
}

/// Whether a page is asked for by its name, as browsers do and programs do not.
pub(crate) fn accepts_html(accept: Option<&str>) -> bool {
    ranges(accept.unwrap_or_default()).any(|range| range.essence.eq_ignore_ascii_case("text/html") && range.quality > 0)
}

/// Whether a body of this type is JSON in UTF-8.
pub(crate) fn is_json(content_type: Option<&str>) -> bool {
    let mut parts = content_type.unwrap_or_default().split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case(Media::Json.essence()));
    let mut charsets = parts.filter_map(|part| parameter(part, "charset"));
    is_json && charsets.all(|charset| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

fn ranges(accept: &str) -> impl Iterator<Item = Range<'_>> {
    accept.split(',').map(|element| {
        let mut parts = element.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| parameter(part, "q")).map_or(QUALITY_MAX, quality);
        Range { essence, quality }
    })
}

fn parameter<'a>(part: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = part.split_once('=')?;
    key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
}

/// In thousandths. What cannot be read is what is least liked, and still better than nothing.
fn quality(text: &str) -> u16 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let thousandths = format!("{whole}{decimals:0<3}").parse();
    thousandths.ok().filter(|it| decimals.len() <= 3 && *it <= QUALITY_MAX).unwrap_or(1)
}

/// The quality that the most specific range gives a type.
fn quality_of(essence: &str, ranges: &[Range<'_>]) -> u16 {
    let group = essence.split_once('/').map_or("", |(group, _)| group);
    let of = |wanted: &str| ranges.iter().find(|range| range.essence.eq_ignore_ascii_case(wanted));
    of(essence).or_else(|| of(&format!("{group}/*"))).or_else(|| of("*/*")).map_or(0, |range| range.quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_gets_what_it_likes_best() {
        let ours = Some(Media::GraphqlResponse);
        let cases = [
            (None, ours),
            (Some(""), ours),
            (Some("*/*"), ours),
            (Some("application/*"), ours),
            (Some("application/graphql-response+json"), ours),
            (Some("application/graphql-response+json, application/json;q=0.9"), ours),
            (Some("application/json"), Some(Media::Json)),
            (Some("application/json; charset=utf-8"), Some(Media::Json)),
            (Some("APPLICATION/JSON"), Some(Media::Json)),
            (Some("application/json, */*;q=0.1"), Some(Media::Json)),
            (Some("application/graphql-response+json;q=0.5, application/json;q=0.75"), Some(Media::Json)),
            (Some("application/graphql-response+json;q=0, */*"), Some(Media::Json)),
            (Some("application/json, multipart/mixed"), Some(Media::Json)),
            (Some("text/html,application/xhtml+xml,*/*;q=0.8"), ours),
            (Some("text/html"), None),
            (Some("application/json;q=0"), None),
            (Some("application/json;q=0.000"), None),
            (Some("*/*;q=0"), None),
            (Some("nonsense"), None),
        ];
        for (accept, media) in cases {
            assert_eq!(Media::negotiate(accept), media, "{accept:?}");
        }
    }

    #[test]
    fn qualities_are_read_in_thousandths() {
        let cases =
            [("1", 1000), ("1.000", 1000), ("0.5", 500), ("0.75", 750), ("0", 0), ("0.001", 1), ("2", 1), ("x", 1)];
        for (text, thousandths) in cases {
            assert_eq!(quality(text), thousandths, "{text}");
        }
    }

    #[test]
    fn only_who_names_html_gets_a_page() {
        assert!(accepts_html(Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")));
        for accept in [None, Some("*/*"), Some("text/*"), Some("application/json"), Some("text/html;q=0")] {
            assert!(!accepts_html(accept), "{accept:?}");
        }
    }

    #[test]
    fn a_body_is_json_in_utf_8() {
        for good in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            assert!(is_json(Some(good)), "{good}");
        }
        for bad in ["text/plain", "application/json; charset=latin1", "application/graphql", "application/jsonx", ""] {
            assert!(!is_json(Some(bad)), "{bad}");
        }
        assert!(!is_json(None));
    }
}
