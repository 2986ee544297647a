//! The page on which a person takes over what was bought with an earlier address.

use actix_web::http::StatusCode;
use askama::Template;
use tollgate_domain::{
    creators::Handle,
    moves::{ConfirmMoveError, MovePreview},
    token::Token,
};

use super::{earlier::where_to_write, frame::Frame, go_to, page, visit::Visit};
use crate::{
    extract::{Form, Query},
    links::{ACCESS, move_path},
    locale::{Sentence, Texts, isolated},
    problem::{Answer, Problem},
};

#[derive(Template)]
#[template(path = "site/move.html")]
struct MovePage {
    t: Texts,
    frame: Frame,
    heading: String,
    text: String,
    /// Whom to ask for help.
    whom: Option<Sentence>,
    /// The token, if the button can be pressed.
    token: Option<String>,
    /// The storefront to go on to.
    storefront: Option<String>,
}

/// Says what would move. Opening the link moves nothing.
pub(super) async fn look(visit: Visit, query: Query) -> Answer {
    let typed = query.read(["token"]).ok().and_then(|[token]| token);
    let Some(token) = typed.and_then(|text| text.parse::<Token>().ok()) else {
        return refused(&visit, None, ConfirmMoveError::Invalid).await;
    };
    match visit.http.use_cases.moves.preview(&token).await {
        Ok(preview) => {
            let (heading, text) = (visit.t.get("move-heading"), asked(visit.t, &preview));
            let token = Some(token.reveal());
            let shown = MovePage { heading, text, token, ..MovePage::of(&visit, &preview).await? };
            page(StatusCode::OK, &shown)
        }
        Err(ConfirmMoveError::Used) => moved(&visit, &token).await,
        Err(error) => refused(&visit, Some(&token), error).await,
    }
}

/// Moves what was bought. The link itself then says so, so that the page can be reloaded.
pub(super) async fn confirm(visit: Visit, form: Form) -> Answer {
    let form = form.read().await?;
    let Ok(token) = form.get("token").parse::<Token>() else {
        return refused(&visit, None, ConfirmMoveError::Invalid).await;
    };
    match visit.http.use_cases.moves.confirm(&token).await {
        Ok(_) | Err(ConfirmMoveError::Used) => Ok(go_to(&move_path(&token))),
        Err(error) => refused(&visit, Some(&token), error).await,
    }
}

/// Says that it has moved, unless it has moved on since. Only a visitor who is signed in with the new address sees the whole of it.
async fn moved(visit: &Visit, token: &Token) -> Answer {
    let Some(done) = visit.http.use_cases.moves.moved(token).await? else {
        return refused(visit, Some(token), ConfirmMoveError::Used).await;
    };
    let shown = MovePage::of(visit, &done).await?;
    let own = Some(done.to.shown());
    let is_own = shown.frame.visitor == own;
    let (text, email) = match own.filter(|_| is_own) {
        Some(email) => ("move-done-here", email),
        None => ("move-done-text", done.to.masked_beside(&done.from)),
    };
    let text = visit.t.with(text, "email", isolated(email));
    let (heading, storefront) = (visit.t.get("move-done"), storefront(visit, &done.handle));
    page(StatusCode::OK, &MovePage { heading, text, storefront: Some(storefront), ..shown })
}

fn asked(t: Texts, preview: &MovePreview) -> String {
    let (seller, from) = (isolated(&preview.handle.title), isolated(&preview.from));
    let what = t.with2("move-text", "seller", seller, "from", from);
    format!("{what} {}", t.with("move-to", "email", isolated(preview.to.to_string())))
}

fn storefront(visit: &Visit, handle: &Handle) -> String {
    format!("{}/", visit.http.installation.handle_origin(&handle.name))
}

/// Explains why a link cannot be used, and leads to the shop that it is about.
async fn refused(visit: &Visit, token: Option<&Token>, error: ConfirmMoveError) -> Answer {
    let t = visit.t;
    let (heading, text, whom) = match error {
        ConfirmMoveError::Invalid => ("link-invalid", "move-invalid", None),
        ConfirmMoveError::Expired => ("link-expired", "move-expired", Some("move-write")),
        ConfirmMoveError::Ended => ("link-invalid", "move-ended", Some("move-write")),
        ConfirmMoveError::Used => ("link-used", "move-used", None),
        ConfirmMoveError::NothingToMove => ("link-invalid", "move-nothing", Some("mistake-write")),
        error @ (ConfirmMoveError::Mail(_) | ConfirmMoveError::Store(_)) => {
            return Err(error.into());
        }
    };
    let status = Problem::from(error).code().status();
    let seller = match token {
        Some(token) => visit.http.use_cases.moves.seller(token).await?,
        None => None,
    };
    // A seller who has named no address cannot be asked.
    let whom = seller.as_ref().zip(whom).and_then(|(handle, id)| where_to_write(t, handle, id));
    let frame = visit.frame(ACCESS).await?;
    let frame = match &seller {
        Some(handle) => frame.of(handle),
        None => frame,
    };
    let storefront = seller.map(|handle| storefront(visit, &handle));
    let (heading, text) = (t.get(heading), t.get(text));
    page(status, &MovePage { t, frame, heading, text, whom, token: None, storefront })
}

impl MovePage {
    /// Creates the page without words.
    async fn of(visit: &Visit, preview: &MovePreview) -> Result<Self, Problem> {
        Ok(Self {
            t: visit.t,
            frame: visit.frame(ACCESS).await?.of(&preview.handle),
            heading: String::new(),
            text: String::new(),
            whom: None,
            token: None,
            storefront: None,
        })
    }
}
