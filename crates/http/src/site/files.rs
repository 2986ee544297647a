//! The page of a file: what it is, and how to get it.

use actix_web::http::StatusCode;
use askama::Template;
use tollgate_domain::{
    access::{PageView, Reason, ResourceType, ViewerClaim},
    creators::{AccessMode, Handle},
    files::{File, FileAccess, Media, MediaKind},
    names::{HandleName, Slug},
    visitor_auth::Visitor,
};

use super::{
    earlier::{earlier_purchase, invitation, moved_away, told_or_moved, whom_to_ask},
    frame::{Card, Frame},
    page,
    sign_in::{EmailForm, Refused},
    visit::Visit,
};
use crate::{
    edge::count,
    extract::{HandleHost, part},
    links::{file_page, file_path},
    locale::{Sentence, Texts},
    problem::{Answer, Code, Problem},
    state::Http,
};

#[derive(Template)]
#[template(path = "site/file.html")]
struct FilePage {
    t: Texts,
    frame: Frame,
    title: String,
    facts: Option<String>,
    /// The page that the file belongs to, and the words of the link to it.
    page: Option<(String, String)>,
    /// Where what the visitor had is since a change of address, if the file is closed.
    moved: Option<Sentence>,
    way: Way,
}

impl FilePage {
    /// Returns whether the form for signing in says what is wrong with it.
    fn is_refused(&self) -> bool {
        matches!(&self.way, Way::SignIn { form, .. } if form.error.is_some())
    }
}

/// What the visitor can do.
enum Way {
    /// Look at it, if browsers show it, and download it.
    Download {
        address: String,
        media: Option<Media>,
    },
    SignIn {
        form: EmailForm,
        purpose: String,
    },
    /// Nothing, unless the visitor has another address that the file takes.
    Closed {
        why: Vec<Sentence>,
        takes_others: bool,
    },
}

/// Answers on hosts that have no files.
pub(super) async fn nowhere() -> Answer {
    Err(Problem::new(Code::FileNotFound))
}

pub(super) async fn show(visit: Visit, HandleHost(handle): HandleHost) -> Answer {
    let slug = part(&visit.req, "name").ok_or_else(|| Problem::new(Code::FileNotFound))?;
    shown(&visit, handle, slug, visit.look(), None).await
}

/// Shows the file, also with a form that was not taken.
pub(super) async fn shown(
    visit: &Visit,
    handle: HandleName,
    slug: Slug,
    claim: ViewerClaim,
    refused: Option<Refused>,
) -> Answer {
    let (http, t) = (&visit.http, visit.t);
    let (file, reason) = http.use_cases.downloads.describe(handle.clone(), slug, claim).await?;
    count::decision(ResourceType::File, reason);
    http.store_first_view_of(visit.session.0).await;
    let seller = http.use_cases.gate.seller(&handle).await?;
    let seller = seller.ok_or_else(|| Problem::new(Code::FileNotFound))?;
    let visitor = visit.visitor().await?;
    let is_named = file.is_named_to(reason);
    let title = if is_named { file.name.clone() } else { t.get("file-invited") };
    let belongs = |page: &tollgate_domain::files::AttachedPage| {
        (page.slug.to_string(), t.get("file-of-page"))
    };
    let (mut way, moved) = Way::found(visit, &seller, &file, reason, visitor.as_ref()).await?;
    let status = refused.map_or(Ok(StatusCode::OK), |refused| refused.replace(way.form()))?;
    let shown = FilePage {
        t,
        frame: frame(http, &seller, &file, reason).seen_by(visitor.as_ref()),
        title,
        facts: is_named.then(|| format!("{} · {}", t.file_kind(&file), t.size(file.size))),
        page: file.page.as_ref().map(belongs),
        moved,
        way,
    };
    page(status, &shown)
}

fn frame(http: &Http, seller: &Handle, file: &File, reason: Reason) -> Frame {
    let path = file_page(&file.slug);
    let address = format!("{}{path}", http.installation.handle_origin(&seller.name));
    let frame = Frame::new(http, path).of(seller);
    if reason != Reason::Public {
        return frame;
    }
    let (title, description) = (file.name.clone(), format!("{} – {}", file.name, seller.title));
    let frame = if file.is_public_picture() {
        frame.with_picture(Some(&*file_path(&seller.name, &file.slug)))
    } else {
        frame.with_picture_of(http, seller)
    };
    frame.listed(Card { address, title, description })
}

impl Way {
    /// Returns the form for signing in, if that is the next step.
    fn form(&mut self) -> Option<&mut EmailForm> {
        match self {
            Self::SignIn { form, .. } => Some(form),
            Self::Download { .. } | Self::Closed { .. } => None,
        }
    }

    /// Returns the way of the viewer, for whom the file's gate has this reason, and where what the viewer had is since a change
    /// of address.
    async fn found(
        visit: &Visit,
        seller: &Handle,
        file: &File,
        reason: Reason,
        visitor: Option<&Visitor>,
    ) -> Result<(Self, Option<Sentence>), Problem> {
        let (http, t) = (&visit.http, visit.t);
        let has_gate_of_page =
            matches!(reason, Reason::PurchaseRequired | Reason::VisitorAuthRequired);
        if let Some(page) = file.page.as_ref().filter(|_| has_gate_of_page) {
            let (handle, slug) = (seller.name.clone(), page.slug.clone());
            let view = http.use_cases.gate.view(handle, slug, visit.claim()).await?;
            return Self::of_page(http, t, file, &view).await;
        }
        let moved =
            if reason.has_access() { None } else { moved_away(http, t, seller, visitor).await? };
        Ok((Self::of(t, seller, file, reason), moved))
    }

    /// Returns the way to a file that has the gate of its page, which is closed.
    async fn of_page(
        http: &Http,
        t: Texts,
        file: &File,
        view: &PageView,
    ) -> Result<(Self, Option<Sentence>), Problem> {
        if view.reason == Reason::VisitorAuthRequired {
            let is_free = view.page.mode == AccessMode::FreeWithLogin;
            let purpose = t.get(if is_free { "file-sign-in-free" } else { "file-sign-in" });
            let form = EmailForm::on(file_page(&file.slug));
            return Ok((Self::SignIn { form, purpose }, None));
        }
        let (earlier, visitor) = (earlier_purchase(http, view).await?, view.visitor.as_ref());
        let (mut why, moved) = told_or_moved(http, t, &view.handle, visitor, &earlier).await?;
        let next = if why.is_empty() {
            why.push(t.get("file-buy-first").into());
            Some(t.get("file-buy-first-next").into())
        } else {
            invitation(t, &earlier)
        };
        if next.is_some() && http.use_cases.connect.can_charge(&view.handle).await? {
            why.extend(next);
        }
        Ok((Self::Closed { why, takes_others: false }, moved))
    }

    fn of(t: Texts, seller: &Handle, file: &File, reason: Reason) -> Self {
        match reason {
            Reason::Public | Reason::Entitled => {
                let address = file_path(&seller.name, &file.slug);
                Self::Download { address, media: file.media }
            }
            Reason::VisitorAuthRequired => {
                let form = EmailForm::on(file_page(&file.slug));
                let purpose = match file.access {
                    FileAccess::Allowlist => t.get("file-sign-in-invited"),
                    FileAccess::Public | FileAccess::Page => t.get("file-sign-in"),
                };
                Self::SignIn { form, purpose }
            }
            Reason::PurchaseRequired => {
                Self::Closed { why: vec![t.get("file-buy-first").into()], takes_others: false }
            }
            Reason::FileForbidden => {
                let mut why = vec![Sentence::from(t.get("file-not-invited"))];
                why.extend(whom_to_ask(t, seller));
                Self::Closed { why, takes_others: true }
            }
        }
    }
}
