//! The receipt of a payment, for its visitor to print or to have mailed again.

use actix_web::http::StatusCode;
use askama::Template;
use tollgate_domain::{
    checkout::{Receipt, ReceiptError},
    id::PurchaseId,
    mail::MailWriteError,
    visitor_auth::Visitor,
};

use super::{
    frame::Frame,
    go_to,
    notice::{Notice, said},
    page,
    sign_in::{EmailForm, Refused, SignInPage, retry_after},
    visit::Visit,
};
use crate::{
    extract::part,
    links::receipt_path,
    locale::Texts,
    problem::{Answer, Code, Problem},
};

#[derive(Template)]
#[template(path = "site/receipt.html")]
struct ReceiptPage {
    t: Texts,
    frame: Frame,
    receipt: Receipt,
    error: Option<String>,
}

/// Shows the receipt, or the form to sign in.
pub(super) async fn show(visit: Visit) -> Answer {
    let id = wanted(&visit)?;
    if let Some(visitor) = visit.visitor().await? {
        return shown(&visit, &visitor, id, None).await;
    }
    let form = EmailForm::on(receipt_path(id));
    let notice = Notice::told(&visit, None).await?;
    let shown = to_strangers(&visit, id, Refused { status: StatusCode::OK, form }, notice)?;
    Ok(said(&visit, shown))
}

/// Shows a form to sign in that was not taken.
pub(super) fn again(visit: &Visit, id: PurchaseId, refused: Refused) -> Answer {
    to_strangers(visit, id, refused, None)
}

/// Shows the form to sign in to nobody in particular.
fn to_strangers(
    visit: &Visit,
    id: PurchaseId,
    Refused { status, form }: Refused,
    notice: Option<String>,
) -> Answer {
    let explanation = visit.t.get("access-receipt-sign-in");
    let frame = Frame::new(&visit.http, receipt_path(id)).telling(notice);
    page(status, &sign_in_page(visit, frame, explanation, form))
}

/// Mails the receipt again.
pub(super) async fn resend(visit: Visit) -> Answer {
    let id = wanted(&visit)?;
    let Some(visitor) = visit.visitor().await? else {
        // The button was pressed after the session ended.
        return Ok(Notice::SignedOut.leave(&visit, go_to(&receipt_path(id))));
    };
    match visit.http.use_cases.receipts.resend_to_visitor(visitor.id, id).await {
        Ok(()) => Ok(Notice::ReceiptSent.leave(&visit, go_to(&receipt_path(id)))),
        Err(ReceiptError::Mail(MailWriteError::Limited { retry_after_seconds })) => {
            shown(&visit, &visitor, id, Some(retry_after_seconds)).await
        }
        // The page says what can be done.
        Err(ReceiptError::NotFound) => Ok(go_to(&receipt_path(id))),
        Err(error) => Err(error.into()),
    }
}

/// Leads to the receipt from the address of a form, whose answer can be loaded again.
pub(super) async fn back(visit: Visit) -> Answer {
    Ok(go_to(&receipt_path(wanted(&visit)?)))
}

fn wanted(visit: &Visit) -> Result<PurchaseId, Problem> {
    part(&visit.req, "id").ok_or_else(|| Problem::new(Code::PurchaseNotFound))
}

/// Shows the receipt to its visitor; `wait` says for how many seconds no mail is sent. To everyone else it says the same
/// whether or not there is one.
async fn shown(visit: &Visit, visitor: &Visitor, id: PurchaseId, wait: Option<u64>) -> Answer {
    let (http, t) = (&visit.http, visit.t);
    let receipt = match http.use_cases.receipts.of_visitor(visitor.id, id).await {
        Ok(receipt) => receipt,
        Err(ReceiptError::NotFound) => return not_theirs(visit, visitor, id),
        Err(error) => return Err(error.into()),
    };
    let notice = Notice::told(visit, Some(visitor)).await?;
    let shown = ReceiptPage {
        t,
        frame: Frame::new(http, receipt_path(id)).seen_by(Some(visitor)).telling(notice),
        receipt,
        error: wait.map(|seconds| t.with("sign-in-limited", "wait", t.duration(seconds))),
    };
    let answer = match wait {
        Some(seconds) => retry_after(page(StatusCode::TOO_MANY_REQUESTS, &shown)?, seconds),
        None => page(StatusCode::OK, &shown)?,
    };
    Ok(said(visit, answer))
}

/// Shows the form to sign in to a visitor who has no such receipt.
fn not_theirs(visit: &Visit, visitor: &Visitor, id: PurchaseId) -> Answer {
    let t = visit.t;
    let already = t.with("sign-in-already", "email", visitor.email.shown());
    let explanation = format!("{already} {}", t.get("access-receipt-sign-in"));
    let frame = Frame::new(&visit.http, receipt_path(id)).seen_by(Some(visitor));
    let form = EmailForm::to(receipt_path(id));
    page(StatusCode::NOT_FOUND, &sign_in_page(visit, frame, explanation, form))
}

fn sign_in_page(visit: &Visit, frame: Frame, explanation: String, form: EmailForm) -> SignInPage {
    let (t, heading) = (visit.t, visit.t.get("receipt-heading"));
    SignInPage { t, frame, heading, explanation: Some(explanation), form }
}
