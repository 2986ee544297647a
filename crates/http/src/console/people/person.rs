//! A person's page: what they can open and why, and what to do about it.

use askama::Template;
use tollgate_domain::{
    email::Email,
    files::File,
    id::{FileId, PurchaseId},
    moves::AddressMove,
    names::Slug,
    paging::Cursor,
    reports::Target,
};

use super::{
    super::{
        choice::PageChoice,
        form::{FormState, Labels},
        page::{Nav, Notice, Screen, When, render, see_other, see_other_with},
        who::AtHandle,
    },
    Choice, Link,
    explained::{Case, Section},
    findings::{Asked, Findings},
    person, person_and, read, sentences, written,
};
use crate::{
    extract::{Form, Query},
    locale::Texts,
    problem::{Answer, Code, Problem},
    state::Http,
};

const FIELDS: Labels = &[("about", "console-people-field-about")];
/// What the button says that calls off a change of address.
const CALL_OFF: &str = "call-off";

#[derive(Template)]
#[template(path = "console/person.html")]
struct PersonScreen {
    t: Texts,
    screen: Screen,
    email: String,
    /// Whether nothing is known about the address.
    is_stranger: bool,
    /// Whether anything happened that the screen tells of.
    has_history: bool,
    /// What keeps mails from the person.
    warnings: Vec<String>,
    /// What the person has to do with the handle, if anything.
    relations: String,
    moves: Vec<Moved>,
    waiting: Vec<WaitingMove>,
    sections: Vec<Section>,
    more: Vec<Link>,
    /// The address of older purchases.
    older_sales: Option<String>,
    pages: Vec<Choice>,
    files: Vec<Choice>,
    /// The address of this screen with older files to choose from.
    older_files: Option<String>,
    to: Elsewhere,
}

/// A change of the person's address.
struct Moved {
    text: String,
    /// The other address, and its page.
    other: Link,
    when: When,
}

/// A change of the person's address that waits for its confirmation.
struct WaitingMove {
    text: String,
    /// The other address, and its page.
    other: Link,
    /// The one of both that it would move from, and the one that it would move to.
    from: String,
    to: String,
    /// When it was asked for.
    since: When,
    /// When its link ends.
    until: When,
}

/// The screens that a person's page leads to.
struct Elsewhere {
    people: String,
    /// This page, for its forms.
    here: String,
    grant: String,
    change: String,
    mail: String,
}

pub(super) async fn show(http: Http, at: AtHandle, query: Query) -> Answer {
    let [email, about, files] = query.read(["email", "about", "files"])?;
    let typed = email.unwrap_or_default();
    // What is not an address can still be the start of one.
    let Ok(email) = typed.parse::<Email>() else {
        return Ok(see_other(&at.path_with("/people", &[("q", &typed)])));
    };
    let form = FormState::new(at.screen.t, FIELDS).with("about", about.unwrap_or_default());
    let files = files.map(|cursor| cursor.parse::<Cursor>()).transpose();
    let files = files.map_err(|error| Problem::field("files", error))?;
    shown(&http, at, email, form, files).await
}

async fn shown(
    http: &Http,
    at: AtHandle,
    email: Email,
    form: FormState,
    files: Option<Cursor>,
) -> Answer {
    let about = match form.get("about") {
        "" => None,
        about => Some(read(about).ok_or_else(|| Problem::new(Code::PageNotFound))?),
    };
    let findings = Findings::of(http, &at, &email, Asked { about, files }).await?;
    let person = PersonScreen::of(http, at, &email, findings);
    let person = PersonScreen { screen: person.screen.with(form), ..person };
    render(person.screen.status(), &person)
}

/// Does what the pressed button says.
pub(super) async fn act(http: Http, at: AtHandle, form: Form) -> Answer {
    let form = FormState::read(at.screen.t, FIELDS, form).await?;
    let Ok(email) = form.get("email").parse::<Email>() else {
        return Ok(see_other(&at.path("/people")));
    };
    if is_unclear(&form) {
        return unclear(http, at, email, form).await;
    }
    match done(&http, &at, &email, &form).await {
        Ok(notice) => Ok(see_other_with(&person_and(&at, &email, form.get("about")), notice)),
        Err(problem) => {
            let form = form.refused(problem)?;
            shown(&http, at, email, form, None).await
        }
    }
}

/// Returns whether it cannot be read what the screen of the form showed. One from before its forms named the new address does
/// not say which change of address it was.
fn is_unclear(form: &FormState) -> bool {
    match form.get("do") {
        "allow" => form.is_unreadable::<FileId>("file"),
        CALL_OFF => ["from", "to"].iter().any(|field| form.get(field).parse::<Email>().is_err()),
        _ => false,
    }
}

async fn done(
    http: &Http,
    at: &AtHandle,
    email: &Email,
    form: &FormState,
) -> Result<Notice, Problem> {
    let about = read(form.get("about"));
    match (form.get("do"), &about) {
        ("receipt", _) => receipt(http, at, email, form).await,
        ("allow", Some(Target::File(slug))) => allowed(http, at, email, slug, form).await,
        (CALL_OFF, _) => called_off(http, at, form).await,
        (_, about) => {
            let page = about.as_ref().and_then(|target| match target {
                Target::Page(slug) => Some(slug),
                Target::File(_) => None,
            });
            let (resends, name) = (&http.use_cases.resends, &at.handle.name);
            resends.sign_in_link(&at.creator, name, email.clone(), page).await?;
            Ok(Notice::about("console-people-notice-link", email.shown()))
        }
    }
}

/// Answers a button of which it cannot be read what its screen showed: with what is so now, and its buttons.
async fn unclear(http: Http, at: AtHandle, email: Email, form: FormState) -> Answer {
    let (moves, name) = (&http.use_cases.moves, &at.handle.name);
    if form.get("do") == CALL_OFF && moves.waiting(&at.creator, name, &email).await?.is_empty() {
        let from = form.get("from").parse::<Email>().unwrap_or_else(|_| email.clone());
        let id = "console-people-notice-refused-nothing-waits";
        return Ok(see_other_with(&person(&at, &email), Notice::about(id, from.shown())));
    }
    shown(&http, at, email, form.outdated(), None).await
}

/// Mails a receipt again, unless its purchase moved to another address since.
async fn receipt(
    http: &Http,
    at: &AtHandle,
    email: &Email,
    form: &FormState,
) -> Result<Notice, Problem> {
    let (receipts, name) = (&http.use_cases.receipts, &at.handle.name);
    let purchase = form.get("purchase").parse::<PurchaseId>();
    let purchase = purchase.map_err(|_| Problem::new(Code::PurchaseNotFound))?;
    let buyer = receipts.purchase(&at.creator, name, purchase).await?.email;
    if buyer != *email {
        return Ok(Notice::about("console-people-notice-refused-moved", buyer.shown()));
    }
    receipts.resend(&at.creator, name, purchase).await?;
    Ok(Notice::about("console-people-notice-receipt", email.shown()))
}

/// Puts the address onto the list of the file that the screen showed.
async fn allowed(
    http: &Http,
    at: &AtHandle,
    email: &Email,
    slug: &Slug,
    form: &FormState,
) -> Result<Notice, Problem> {
    let (files, name) = (&http.use_cases.files, &at.handle.name);
    let (_, file) = files.owned(&at.creator, name, slug).await?;
    if form.names_another("file", &file.id) {
        return Ok(Notice::about("console-people-notice-refused-another-file", file.name));
    }
    files.allow(&at.creator, name, slug, email.clone()).await?;
    Ok(Notice::about("console-people-notice-allowed", email.shown()))
}

/// Calls off the change of address that the screen showed. One that was asked for since goes on to wait, and is named. A button
/// that is pressed again refuses nothing.
async fn called_off(http: &Http, at: &AtHandle, form: &FormState) -> Result<Notice, Problem> {
    let [from, to] = ["from", "to"].map(|field| form.get(field).parse::<Email>());
    let (Ok(from), Ok(to)) = (from, to) else { return Err(Problem::new(Code::NotFound)) };
    let (moves, name) = (&http.use_cases.moves, &at.handle.name);
    if moves.call_off(&at.creator, name, &from, Some(&to)).await? {
        return Ok(Notice::about("console-people-notice-called-off", to.shown()));
    }
    let waiting = moves.waiting(&at.creator, name, &from).await?;
    if let Some(since) = waiting.iter().find(|asked| asked.from == from) {
        return Ok(Notice::about("console-people-notice-refused-another-waits", since.to.shown()));
    }
    let confirmed = moves.moved_away(at.handle.id, &from).await?;
    Ok(confirmed.map_or_else(
        || Notice::about("console-people-notice-nothing-waits", from.shown()),
        |it| Notice::about("console-people-notice-refused-confirmed", it.to.shown()),
    ))
}

impl PersonScreen {
    /// Creates the screen with an empty form.
    fn of(http: &Http, at: AtHandle, email: &Email, findings: Findings) -> Self {
        let shop = http.installation.handle_origin(&at.handle.name);
        let (sales, reasons) = (&findings.sales, &findings.reasons);
        let moves = &findings.known.moves;
        let case = Case { at: &at, email, shop: &shop, sales, reasons, moves };
        let sections = findings.explained.iter().map(|one| case.section(one)).collect();
        let more = findings.more.iter().map(|sale| {
            let about = written(&Target::Page(sale.slug.clone()));
            Link { address: person_and(&at, email, &about), label: sale.title.clone() }
        });
        let moves = moves.iter().filter_map(|confirmed| Moved::of(&at, email, confirmed));
        let waiting = findings.known.waiting.iter().map(|asked| WaitingMove::of(&at, email, asked));
        let (t, known) = (at.screen.t, findings.known.person.as_ref());
        let warnings = [
            (findings.known.returned.bounced_at.is_some(), "console-people-returned"),
            (findings.known.returned.complained_at.is_some(), "console-people-complained"),
            (findings.known.has_stopped, "console-people-stopped"),
        ];
        let warnings = warnings.into_iter().filter(|(applies, _)| *applies);
        Self {
            moves: moves.collect(),
            waiting: waiting.collect(),
            is_stranger: findings.is_stranger(),
            has_history: findings.has_history(),
            warnings: warnings.map(|(_, text)| t.get(text)).collect(),
            relations: known.map(|known| sentences::relations(t, known)).unwrap_or_default(),
            more: more.collect(),
            older_sales: older(&at, email, "/purchases", ("cursor", findings.older_sales)),
            to: Elsewhere::of(&at, email),
            email: email.shown(),
            pages: findings.pages.into_iter().map(Choice::of_page).collect(),
            files: findings.files.into_iter().map(Choice::of_file).collect(),
            older_files: older(&at, email, "/people/person", ("files", findings.older_files)),
            screen: at.screen.on(Nav::People),
            sections,
            t,
        }
    }
}

/// Returns the address of the older rows of a list about the person, if there are any.
fn older(
    at: &AtHandle,
    email: &Email,
    rest: &str,
    (name, cursor): (&str, Option<Cursor>),
) -> Option<String> {
    let cursor = cursor?.to_string();
    Some(at.path_with(rest, &[("email", email.as_str()), (name, &cursor)]))
}

/// Returns the text about a change of address, from another one or to it, and a link to the other one.
fn told(
    at: &AtHandle,
    email: &Email,
    change: &AddressMove,
    [from, to]: [&str; 2],
) -> (String, Link) {
    let (text, other) = if change.to == *email { (from, &change.from) } else { (to, &change.to) };
    (at.screen.t.get(text), Link { address: person(at, other), label: other.shown() })
}

impl Moved {
    fn of(at: &AtHandle, email: &Email, confirmed: &AddressMove) -> Option<Self> {
        let ids = ["console-people-moved-from", "console-people-moved-to"];
        let (text, other) = told(at, email, confirmed, ids);
        Some(Self { text, other, when: When::exact(at.screen.t, confirmed.used_at?) })
    }
}

impl WaitingMove {
    fn of(at: &AtHandle, email: &Email, asked: &AddressMove) -> Self {
        let ids = ["console-people-waiting-from", "console-people-waiting-to"];
        let (text, other) = told(at, email, asked, ids);
        let [since, until] =
            [asked.created_at, asked.expires_at].map(|it| When::exact(at.screen.t, it));
        Self { text, other, from: asked.from.shown(), to: asked.to.shown(), since, until }
    }
}

impl Elsewhere {
    fn of(at: &AtHandle, email: &Email) -> Self {
        let with = |rest: &str, name: &str| at.path_with(rest, &[(name, email.as_str())]);
        Self {
            people: at.path("/people"),
            here: at.path("/people/person"),
            grant: with("/people/grant", "email"),
            change: with("/people/move", "email"),
            mail: with("/mail", "q"),
        }
    }
}

impl Choice {
    fn of_page(page: PageChoice) -> Self {
        Self { value: written(&Target::Page(page.slug)), label: page.label }
    }

    fn of_file(file: File) -> Self {
        Self { value: written(&Target::File(file.slug)), label: file.name }
    }
}
