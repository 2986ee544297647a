//! The page that waits for the mail: it takes the code.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{self, ContentType},
    },
};
use askama::Template;
use tollgate_domain::{
    email::Email,
    token::Code as SixDigits,
    visitor_auth::{LinkState, RedeemLinkError, ReturnTo},
};

use super::{
    super::{
        frame::Frame,
        go_to,
        notice::{Notice, said},
        page,
        visit::Visit,
    },
    ToldPage, Way,
    asked::Asked,
    kept::{Given, RETURN_TO},
    retry_after,
    welcome::welcome,
};
use crate::{
    extract::{Fields, Form, Query},
    links::SIGN_IN,
    locale::Texts,
    problem::{Answer, Problem},
    query::with_query,
};

#[derive(Template)]
#[template(path = "site/code.html")]
struct CodePage {
    t: Texts,
    frame: Frame,
    /// The address; empty if the browser does not know it.
    email: String,
    return_to: String,
    /// For how many minutes the newest mail is good, if the browser knows when it asked for it.
    minutes: Option<u64>,
    error: Option<String>,
    /// What stands in the field for the code.
    typed: String,
    wait: Option<Wait>,
    /// The host of the creator's own frontend that the form leads to, if it does.
    leads_to: Option<String>,
    /// The address of the page that asks for the address.
    change: String,
    /// Whether the page finds out by itself that the link was opened.
    is_waiting: bool,
}

/// How much of a malformed code is shown again, in characters. Nobody finds a mistake in more than that.
const MAX_SHOWN: usize = 20;

struct Wait {
    seconds: u64,
    text: String,
    /// Whether another mail was asked for too early.
    is_refusal: bool,
}

impl CodePage {
    /// Returns whether another mail was asked for too early.
    fn is_refused(&self) -> bool {
        self.wait.as_ref().is_some_and(|wait| wait.is_refusal)
    }
}

/// What the page with the field for the code shows.
pub(super) struct CodeForm {
    email: String,
    return_to: String,
    error: Option<String>,
    /// What was typed, if it cannot be a code.
    typed: String,
    /// How long to wait before asking for another mail, if not just as long as the last one takes.
    wait: Option<Wait>,
}

impl CodeForm {
    pub(super) fn new(email: String, return_to: String) -> Self {
        Self { email, return_to, error: None, typed: String::new(), wait: None }
    }

    /// Refuses to send another mail, and says how long to wait before asking for one.
    pub(super) fn waiting(self, seconds: u64, text: String) -> Self {
        Self { wait: Some(Wait { seconds, text, is_refusal: true }), ..self }
    }

    fn of(asked: Asked) -> Self {
        let email = asked.email.map(|email| email.shown());
        Self::new(email.unwrap_or_default(), asked.return_to)
    }

    /// Shows the page. Signing in by code leads to the same place as the link.
    pub(super) async fn answer(self, visit: &Visit, status: StatusCode) -> Answer {
        let (http, t) = (&visit.http, visit.t);
        let asked = Asked::read(http, visit.req.headers());
        let patience = asked.as_ref().and_then(|asked| Wait::of(visit, asked));
        // The place comes from the request, so only a path of this host becomes a link.
        let place = visit.own_path(&self.return_to).unwrap_or(visit.start());
        let is_sent_again = Notice::of(visit) == Some(Notice::MailSent);
        let notice = is_sent_again.then(|| t.get("notice-mail-sent"));
        let frame = visit.frame(place).await?.telling(notice);
        let change = with_query(SIGN_IN, &[(RETURN_TO, place)]);
        let frontend =
            http.use_cases.sign_in.frontend(&self.return_to, visit.host.handle()).await?;
        let shown = CodePage {
            t,
            frame,
            email: self.email,
            return_to: self.return_to,
            minutes: asked.as_ref().and_then(|asked| asked.minutes_left(http)),
            error: self.error,
            typed: self.typed,
            wait: self.wait.or(patience),
            leads_to: frontend.as_ref().map(|frontend| frontend.host().to_owned()),
            change,
            is_waiting: asked.is_some(),
        };
        let mut answer = page(status, &shown)?;
        let policy = http.policy().waiting(frontend.as_ref());
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        Ok(if is_sent_again { said(visit, answer) } else { answer })
    }
}

impl Wait {
    /// Returns how long to wait for the mail that was asked for; `None` once that is over.
    fn of(visit: &Visit, asked: &Asked) -> Option<Self> {
        let seconds = asked.wait(&visit.http)?;
        let words = visit.t.duration(seconds);
        let text = visit.t.with("code-wait", "wait", words);
        Some(Self { seconds, text, is_refusal: false })
    }
}

/// Shows the field for the code, or what became of the link in the meantime.
pub(super) async fn show(visit: Visit, query: Query) -> Answer {
    let Some(asked) = Asked::read(&visit.http, visit.req.headers()) else {
        let [place] = query.read([RETURN_TO])?;
        let place = place.as_deref().and_then(|place| visit.local_path(place));
        if visit.visitor().await?.is_some() {
            return Ok(go_to(place.unwrap_or(visit.start())));
        }
        // A browser that keeps no cookies would lead in a circle.
        return Ok(go_to(&Given::Asked.looked_for(place.unwrap_or_default())));
    };
    match state_of(&visit, &asked).await? {
        LinkState::Waiting => CodeForm::of(asked).answer(&visit, StatusCode::OK).await,
        LinkState::Confirmed => confirmed(&visit, asked).await,
        LinkState::Gone => {
            let (heading, text) = (visit.t.get("code-gone"), visit.t.get("code-gone-text"));
            another(&visit, asked, heading, text).await
        }
    }
}

async fn state_of(visit: &Visit, asked: &Asked) -> Result<LinkState, Problem> {
    let Some(secret) = asked.token() else { return Ok(LinkState::Gone) };
    Ok(visit.http.use_cases.sign_in.state_of(secret.hash()).await?)
}

/// Leads on in the browser where the link was opened, and says elsewhere that it was.
async fn confirmed(visit: &Visit, asked: Asked) -> Answer {
    let visitor = visit.visitor().await?;
    let address = asked.address(&visit.http).await?;
    if visitor.is_some_and(|visitor| Some(visitor.email) == address) {
        return Ok(go_to(&place(visit, &asked.return_to).await?));
    }
    let (heading, text) = (visit.t.get("code-elsewhere"), visit.t.get("code-elsewhere-text"));
    another(visit, asked, heading, text).await
}

/// Returns where the visitor was going, if visitors may be sent there.
async fn place(visit: &Visit, wanted: &str) -> Result<String, Problem> {
    if let Some(path) = visit.local_path(wanted) {
        return Ok(path.to_owned());
    }
    let handle = visit.host.handle();
    if ReturnTo::parse(wanted, &visit.http.installation, handle).is_ok()
        || visit.http.use_cases.sign_in.frontend(wanted, handle).await?.is_some()
    {
        return Ok(wanted.to_owned());
    }
    Ok(visit.start().to_owned())
}

/// Says why the code is of no use any more, and offers another mail.
async fn another(visit: &Visit, asked: Asked, heading: String, text: String) -> Answer {
    let here = visit.local_path(&asked.return_to).unwrap_or(visit.start());
    let shown = ToldPage {
        t: visit.t,
        frame: visit.frame(here).await?,
        heading,
        text,
        error: None,
        way: match asked.email {
            Some(email) => Way::Again { email: email.to_string(), return_to: asked.return_to },
            None => Way::Renew { token: String::new() },
        },
    };
    page(StatusCode::OK, &shown)
}

/// Tells the waiting page whether the link was opened, if this browser asked for it.
pub(super) async fn state(visit: Visit) -> Answer {
    let state = match Asked::read(&visit.http, visit.req.headers()) {
        Some(asked) => state_of(&visit, &asked).await?,
        None => LinkState::Gone,
    };
    let word = match state {
        LinkState::Waiting => "waiting",
        LinkState::Confirmed => "confirmed",
        LinkState::Gone => "gone",
    };
    Ok(HttpResponse::Ok().content_type(ContentType::plaintext()).body(word))
}

/// Signs in with the code from a mail.
pub(super) async fn redeem(visit: Visit, form: Form) -> Answer {
    let form = form.read().await?;
    let asked = Asked::read(&visit.http, visit.req.headers());
    let browser = visit.browser(asked.as_ref().and_then(Asked::token));
    let code = form.get("code").parse::<SixDigits>();
    let typed = form.some("email").map(|typed| typed.parse::<Email>().ok());
    let email = match (typed, asked) {
        (Some(email), _) => email,
        (None, Some(asked)) => asked.address(&visit.http).await?,
        (None, None) => None,
    };
    let result = match (&email, code) {
        (Some(email), Ok(code)) => {
            let client = visit.client();
            visit.http.use_cases.sign_in.redeem_code(email, &code, &browser, &client).await
        }
        _ => Err(RedeemLinkError::Invalid),
    };
    // Going back and sending an earlier form again changes nothing for a visitor who is signed in.
    if let Err(RedeemLinkError::Invalid | RedeemLinkError::Used) = result
        && visit.visitor().await?.is_some_and(|visitor| Some(visitor.email) == email)
    {
        return Ok(go_to(&place(&visit, form.get("returnTo")).await?));
    }
    match result {
        Ok(signed_in) => Ok(welcome(&visit, &signed_in).await),
        Err(error) => refused(&visit, &form, error).await,
    }
}

/// Says why the code of a form is not taken, beside the field.
async fn refused(visit: &Visit, form: &Fields, error: RedeemLinkError) -> Answer {
    let t = visit.t;
    let typed = form.get("code");
    let mut again = CodeForm::new(form.get("email").to_owned(), form.get("returnTo").to_owned());
    let error = match error {
        RedeemLinkError::Limited { retry_after_seconds } => {
            return limited(visit, again, retry_after_seconds).await;
        }
        RedeemLinkError::Invalid if typed.trim().is_empty() => t.get("code-empty"),
        RedeemLinkError::Invalid if typed.parse::<SixDigits>().is_err() => {
            again.typed = typed.chars().take(MAX_SHOWN).collect();
            t.get("code-malformed")
        }
        RedeemLinkError::Invalid => t.get("code-invalid"),
        RedeemLinkError::Expired => t.get("code-expired"),
        RedeemLinkError::Used => t.get("code-used"),
        RedeemLinkError::Store(error) => return Err(error.into()),
    };
    CodeForm { error: Some(error), ..again }.answer(visit, StatusCode::UNAUTHORIZED).await
}

/// Says how long to wait before trying another code.
async fn limited(visit: &Visit, form: CodeForm, seconds: u64) -> Answer {
    let error = visit.t.with("code-limited", "wait", visit.t.duration(seconds));
    let form = CodeForm { error: Some(error), ..form };
    Ok(retry_after(form.answer(visit, StatusCode::TOO_MANY_REQUESTS).await?, seconds))
}
