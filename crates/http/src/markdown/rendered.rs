//! Pages as HTML: rendered once for each version, off the threads that answer requests, and kept in memory up
//! to a bound.

use std::{convert::Infallible, fmt, sync::Arc};

use actix_web::web;
use quick_cache::{Weighter, sync::Cache};
use tollgate_domain::{Timestamp, creators::Page, id::PageId, language::Language};

use super::{OwnFiles, media_names, render_with, summary};
use crate::{
    locale::Texts,
    problem::{Code, Problem},
};

/// The most memory for rendered texts, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// How many texts are expected within the bound.
const EXPECTED: usize = 1_000;

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
    /// The elements of the files that the text shows.
    files: Vec<String>,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<HtmlKey, Arc<str>> for Bytes {
    fn weight(&self, key: &HtmlKey, html: &Arc<str>) -> u64 {
        let files: usize = key.files.iter().map(String::len).sum();
        u64::try_from(html.len() + files + 128).unwrap_or(u64::MAX)
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

    /// Returns a part of the page as HTML.
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
        let key = HtmlKey { version, part, language: t.0, files: own.elements() };
        let render = async {
            let (text, own) = (text.clone(), own.clone());
            off_the_loop(move || Arc::from(render_with(t, &text, &own))).await
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

/// Renders a text that is not a stored page, such as a preview.
pub(crate) async fn render_once(t: Texts, text: &str, own: &OwnFiles) -> Result<String, Problem> {
    let (text, own) = (text.to_owned(), own.clone());
    off_the_loop(move || render_with(t, &text, &own)).await
}

async fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = web::block(move || Ok::<_, Infallible>(work())).await;
    let Ok(Ok(value)) = done else { return Err(Problem::new(Code::InternalError)) };
    Ok(value)
}

impl fmt::Debug for RenderedPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RenderedPages")
    }
}
