//! What the targets in `fuzz/` call: each function takes any input and asserts what must hold for it.
#![expect(clippy::missing_panics_doc, reason = "to panic is how a target finds something")]

use actix_web::{
    http::{
        Uri,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    test::TestRequest,
    web::Bytes,
};
use futures_util::StreamExt;
use serde::Deserialize;
use tollgate_domain::installation::{HostKind, Installation};

use crate::{
    dto::Whole,
    edge::{label, redirect_to_canonical},
    extract::{
        Object, PresentedSessions, RangeOutcome, UploadBody, UploadLimits, VisitorCookie, nullable,
        parsed_json,
    },
    markdown,
};

/// Returns headers of this name, one for each line.
fn headers(name: &HeaderName, lines: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(name.clone(), value);
        }
    }
    headers
}

/// `Cookie` headers, one a line: a session that counts is among those that signing out ends.
pub fn cookie(lines: &[u8]) {
    let headers = headers(&header::COOKIE, lines);
    let PresentedSessions(all) = PresentedSessions::of(&headers);
    if let VisitorCookie(Some(session)) = VisitorCookie::of(&headers) {
        assert!(all == [session], "one session counts and others are presented");
    }
}

/// `Range` headers, one a line: what is sent lies within the file and is not empty.
pub fn range(lines: &[u8], size: u64) {
    if let RangeOutcome::Partial(part) =
        RangeOutcome::of(&headers(&header::RANGE, lines), size, "\"t\"")
    {
        assert!(part.start < part.end && part.end <= size, "{part:?} of {size}");
    }
}

/// A host on the first line and a target on the second: a redirect stays on the installation's own hosts, and the
/// log has no part of the target that a client made up.
pub fn path(lines: &[u8]) {
    let mut lines = lines.splitn(2, |byte| *byte == b'\n');
    let (host, target) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let (Ok(host), Ok(uri)) = (HeaderValue::from_bytes(host), Uri::try_from(target)) else {
        return;
    };
    let label = label(uri.path());
    assert!(label.len() <= 8 * 32 && label.is_ascii(), "{label}");
    let Ok(installation) = Installation::new("tollgate.example") else { return };
    let mut request = TestRequest::default().insert_header((header::HOST, host)).to_srv_request();
    request.head_mut().uri = uri;
    let Some(answer) = redirect_to_canonical(&installation, &request) else { return };
    let place = answer.headers().get(header::LOCATION).and_then(|place| place.to_str().ok());
    let place = place.map(|place| installation.own_host_of(place));
    assert!(
        matches!(place, Some(Some(HostKind::Root | HostKind::App | HostKind::Handle(_)))),
        "{answer:?}"
    );
}

/// A text in Markdown: what is shown has no script, and a bounded length.
pub fn markdown(text: &str) {
    let html = markdown::render(text).to_ascii_lowercase();
    for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        assert!(!["script", "style", "iframe", "img", "svg", "form"].contains(&name), "{tag}");
        for forbidden in ["href=\"javascript:", "href=\"data:"] {
            assert!(!tag.contains(forbidden), "{tag}");
        }
    }
    // A character may be written as an entity; headings and notes have names of their own.
    assert!(html.len() <= 16 * 1024 * 1024, "{} bytes", html.len());
    assert!(markdown::summary(text).chars().count() <= 400);
}

/// What is read in bodies: an object in which each kind of field occurs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sample {
    text: String,
    #[serde(default)]
    number: Option<Whole>,
    #[serde(default, deserialize_with = "nullable")]
    #[expect(clippy::option_option, reason = "absent, null and a value are three things to say")]
    nullable: Option<Option<String>>,
    #[serde(default)]
    children: Vec<Object<Sample>>,
}

impl Sample {
    fn depth(&self) -> usize {
        1 + self.children.iter().map(|child| child.0.depth()).max().unwrap_or_default()
    }
}

/// A body in JSON: what is accepted is an object of bounded depth.
pub fn json(body: &[u8]) {
    let Ok(sample) = parsed_json::<Sample>(body) else { return };
    assert!(sample.depth() <= 128, "nested too deeply");
    assert!(body.trim_ascii_start().starts_with(b"{"), "no object");
    assert!(body.len() > sample.text.len(), "the text came from elsewhere");
    let _ = (sample.number.map(|number| number.0), sample.nullable);
}

/// A multipart body with the boundary `x`: no more is accepted than the limits allow.
pub fn multipart(body: &[u8]) {
    const LIMITS: UploadLimits = UploadLimits { text: 32, file: 64, files: 2 };
    let body = UploadBody::of("multipart/form-data; boundary=x", Bytes::copy_from_slice(body));
    let read = async {
        let Ok(mut upload) = body.read_form(&["slug", "access"], LIMITS).await else { return };
        for name in ["slug", "access"] {
            assert!(upload.some_text(name).is_none_or(|text| text.len() <= LIMITS.text));
        }
        let mut files = u64::from(upload.has_file() || upload.file_name().is_some());
        loop {
            let _ = (upload.content_type(), upload.has_file());
            {
                let mut file = std::pin::pin!(upload.file());
                while let Some(Ok(_)) = file.next().await {}
            }
            match upload.next_file().await {
                Ok(true) => files += 1,
                _ => break,
            }
        }
        assert!(files <= LIMITS.files + 1, "{files} files");
    };
    thread_local! {
        static SYSTEM: actix_web::rt::SystemRunner = actix_web::rt::System::new();
    }
    SYSTEM.with(|system| system.block_on(read));
}
