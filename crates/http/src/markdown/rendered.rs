//! Pages as HTML: rendered once for each version, off the threads that answer requests, and kept in memory up
//! to a bound.

use std::{
    fmt,
    sync::{Arc, LazyLock},
    thread::available_parallelism,
};

use quick_cache::{Weighter, sync::Cache};
use tollgate_domain::{
    Timestamp,
    creators::Page,
    id::{CreatorId, PageId},
    language::Language,
};

use super::{
    OwnFiles, media_names,
    places::{CreatorPlaces, Places},
    render_with, summary,
};
use crate::{locale::Texts, problem::Problem};

/// The most memory for rendered texts, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// How many texts are expected within the bound.
const EXPECTED: usize = 1_000;
/// The number of texts that may wait for their turn. A few milliseconds each are a second or two.
const WAITING: usize = 256;

/// As many texts are rendered at the same time as there are processors. More would take them from other requests.
static PLACES: LazyLock<Places> =
    LazyLock::new(|| Places::new(available_parallelism().map_or(1, Into::into), WAITING));

/// The number of creators whose previews may wait for their turn.
const CREATORS_WAITING: usize = 32;
/// The number of previews of one creator that may run and wait.
const PREVIEWS_EACH: usize = 16;

/// Previews and checks of texts have one place of their own, so that any number of them leaves the places of pages free.
static PREVIEWS: LazyLock<CreatorPlaces> =
    LazyLock::new(|| CreatorPlaces::new(Places::new(1, CREATORS_WAITING), PREVIEWS_EACH));

/// A part of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Teaser,
    Body,
}

/// What a page needs besides its HTML.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    /// What its pictures are called.
    pub(crate) media: Vec<String>,
    /// The beginning of the teaser.
    pub(crate) summary: String,
}

/// A version of a page: each edit gives it another time.
type Version = (PageId, Timestamp);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct HtmlKey {
    version: Version,
    part: Part,
    language: Language,
    /// See [`OwnFiles::fingerprint`].
    files: u64,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<HtmlKey, Arc<str>> for Bytes {
    fn weight(&self, _: &HtmlKey, html: &Arc<str>) -> u64 {
        u64::try_from(html.len() + 128).unwrap_or(u64::MAX)
    }
}

/// The texts of pages that were rendered lately.
pub(crate) struct RenderedPages {
    html: Cache<HtmlKey, Arc<str>, Bytes>,
    /// Whether the body is part of the outline depends on who looks.
    outlines: Cache<(Version, bool), Arc<Outline>>,
}

impl RenderedPages {
    pub(crate) fn new() -> Self {
        Self {
            html: Cache::with_weighter(EXPECTED, MAX_BYTES, Bytes),
            outlines: Cache::new(EXPECTED),
        }
    }

    pub(crate) async fn html(
        &self,
        t: Texts,
        page: &Page,
        part: Part,
        own: &OwnFiles,
    ) -> Result<Arc<str>, Problem> {
        let text = match part {
            Part::Teaser => &page.teaser,
            Part::Body => &page.body,
        };
        let version = (page.id, page.updated_at);
        let key = HtmlKey { version, part, language: t.0, files: own.fingerprint() };
        let render = async {
            let (text, own) = (text.clone(), own.clone());
            off_the_loop(move || Arc::from(render_with(t, part, &text, &own))).await
        };
        self.html.get_or_insert_async(&key, render).await
    }

    /// Returns the outline of the page. The body of the page is empty for somebody who may not see it.
    pub(crate) async fn outline(&self, page: &Page) -> Result<Arc<Outline>, Problem> {
        let key = ((page.id, page.updated_at), page.body.is_empty());
        if page.teaser.is_empty() && page.body.is_empty() {
            return Ok(Arc::default());
        }
        let read = async {
            let (teaser, body) = (page.teaser.clone(), page.body.clone());
            off_the_loop(move || {
                let mut media = media_names(&teaser);
                media.extend(media_names(&body));
                Arc::new(Outline { media, summary: summary(&teaser) })
            })
            .await
        };
        self.outlines.get_or_insert_async(&key, read).await
    }
}

/// Renders a text for its creator that is not kept, such as a preview.
pub(crate) async fn render_once(
    creator: CreatorId,
    t: Texts,
    part: Part,
    text: &str,
    own: &OwnFiles,
) -> Result<String, Problem> {
    let (text, own) = (text.to_owned(), own.clone());
    off_the_loop_once(creator, move || render_with(t, part, &text, &own)).await
}

/// Returns what the pictures of these texts are called, for their creator.
pub(crate) async fn media_names_once(
    creator: CreatorId,
    texts: &[&str],
) -> Result<Vec<String>, Problem> {
    let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
    let read = move || texts.iter().flat_map(|text| media_names(text)).collect();
    off_the_loop_once(creator, read).await
}

/// Does the work of a creator on a text that is not kept, such as a check, in the place of previews.
pub(crate) async fn off_the_loop_once<T: Send + 'static>(
    creator: CreatorId,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    PREVIEWS.run(creator, work).await
}

async fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    PLACES.run(work).await
}

impl fmt::Debug for RenderedPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RenderedPages")
    }
}

#[cfg(test)]
mod tests {
    use tollgate_domain::files::File;
    use tollgate_domain_testing::{a_file, a_page};

    use super::*;
    use crate::problem::Code;

    #[actix_web::test]
    async fn text_is_rendered_anew_for_files_that_are_shown_in_another_way() {
        let (t, rendered) = (Texts::default(), RenderedPages::new());
        let page = Page { body: "![](cover) ![](film.mp4)".to_owned(), ..a_page().build() };
        let file = |slug: &str, name: &str, media: &str| File {
            name: name.to_owned(),
            media: media.parse().ok(),
            ..a_file().slug(slug).build()
        };
        let mut seen = Vec::new();
        for (file, address) in [
            (file("cover", "a.png", "image/png 640x480"), "/-/1"),
            (file("cover", "a.png", "image/png 640x480"), "/-/2"),
            (file("cover", "a.png", "image/png 640x400"), "/-/2"),
            (file("cover", "a.png", ""), "/-/2"),
            (file("cover", "b.png", ""), "/-/2"),
            (file("film", "film.mp4", ""), "/-/2"),
        ] {
            let own = OwnFiles::new([(file.clone(), address.to_owned())]);
            let html = rendered.html(t, &page, Part::Body, &own).await.unwrap();
            assert!(!seen.contains(&html), "{html}");
            let again = OwnFiles::new([(file, address.to_owned())]);
            let kept = rendered.html(t, &page, Part::Body, &again).await.unwrap();
            assert!(Arc::ptr_eq(&html, &kept), "{html}");
            seen.push(html);
        }
    }

    #[actix_web::test]
    async fn previews_hold_up_no_page() {
        let creator: CreatorId = "cre_00000000000000000000000001".parse().unwrap();
        let previews = PREVIEWS.fill();
        assert_eq!(previews.len(), 1 + CREATORS_WAITING);
        let (t, own) = (Texts::default(), OwnFiles::default());
        let refused = render_once(creator, t, Part::Body, "text", &own).await;
        assert_eq!(refused.unwrap_err().code(), Code::Unavailable);
        assert_eq!(off_the_loop(|| "rendered").await.unwrap(), "rendered");
        drop(previews);
        assert!(render_once(creator, t, Part::Body, "text", &own).await.is_ok());
    }
}
