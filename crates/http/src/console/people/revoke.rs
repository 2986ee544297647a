//! Taking back access that was given.

use actix_web::HttpResponse;
use tollgate_domain::{
    access::GrantType,
    email::Email,
    id::PurchaseId,
    names::Slug,
    paging::PageRequest,
    reports::{Change, Sale, SaleQuery, Target},
};

use super::{
    super::{
        confirm::{Confirmation, confirm},
        form::FormState,
        page::{Nav, Notice, see_other_with},
        who::AtHandle,
    },
    person,
};
use crate::{
    extract::{Form, Query},
    locale::isolated,
    problem::{Answer, Code, Problem},
    state::Http,
};

/// The hidden field that says whether the person can then not open the page any more, as the screen said.
const CLOSES: &str = "closes";

struct Gift {
    email: Email,
    page: Slug,
    grant: PurchaseId,
}

pub(super) async fn ask(http: Http, at: AtHandle, query: Query) -> Answer {
    let [email, page, grant] =
        query.read(["email", "page", "grant"])?.map(Option::unwrap_or_default);
    let gift = Gift::read(&email, &page, &grant)?;
    let form = FormState::new(at.screen.t, &[]);
    shown(&http, at, &gift, form).await
}

async fn shown(http: &Http, at: AtHandle, gift: &Gift, form: FormState) -> Answer {
    let sale = gift.find(http, &at).await?;
    if sale.purchase.revoked_at.is_some() {
        return Ok(gift.revoked(&at));
    }
    let t = at.screen.t;
    let (shown, page_title) = (isolated(gift.email.shown()), isolated(&sale.title));
    let closes = gift.closes(http, &at).await?;
    let effect = if closes {
        t.with2("console-people-revoke-closes", "email", &shown, "page", page_title)
    } else {
        t.with2("console-people-revoke-stays", "email", &shown, "page", page_title)
    };
    let named = [
        ("email", gift.email.to_string()),
        ("page", gift.page.to_string()),
        ("grant", gift.grant.to_string()),
    ];
    let asked = Confirmation {
        heading: t.with("console-people-revoke-title", "email", shown),
        effects: vec![effect, t.get("console-people-revoke-silent")],
        // Where the form is shown again, its address leads back to it.
        action: at.path_with("/people/revoke", &named.each_ref().map(|(name, it)| (*name, &**it))),
        button: t.get("console-people-step-revoke"),
        back: person(&at, &gift.email),
        hidden: named.into_iter().chain([(CLOSES, closes.to_string())]).collect(),
    };
    confirm(at.screen.on(Nav::People).with(form), asked)
}

/// Takes the gift back from the person whom the screen named, unless it has moved to another address since, or the screen said
/// something else about the access than what is so now.
pub(super) async fn revoke(http: Http, at: AtHandle, form: Form) -> Answer {
    let form = FormState::read(at.screen.t, &[], form).await?;
    let gift = Gift::read(form.get("email"), form.get("page"), form.get("grant"))?;
    let (creator, name) = (&at.creator, &at.handle.name);
    let there = http.use_cases.receipts.purchase(creator, name, gift.grant).await?;
    if there.email != gift.email {
        let notice = Notice::about("console-people-notice-refused-moved", there.email.shown());
        return Ok(see_other_with(&person(&at, &gift.email), notice));
    }
    // A form that was only sent twice has ended the access already.
    let is_given = there.purchase.revoked_at.is_none();
    if is_given && form.names_another(CLOSES, &gift.closes(&http, &at).await?) {
        return shown(&http, at, &gift, form.outdated()).await;
    }
    http.use_cases.grants.revoke(creator, name, &gift.page, gift.grant).await?;
    Ok(gift.revoked(&at))
}

impl Gift {
    /// Reads the names. What is not well formed does not exist.
    fn read(email: &str, page: &str, grant: &str) -> Result<Self, Problem> {
        let nothing = || Problem::new(Code::PurchaseNotFound);
        Ok(Self {
            email: email.parse().map_err(|_| nothing())?,
            page: page.parse().map_err(|_| nothing())?,
            grant: grant.parse().map_err(|_| nothing())?,
        })
    }

    async fn find(&self, http: &Http, at: &AtHandle) -> Result<Sale, Problem> {
        let query = SaleQuery {
            page: Some(self.page.clone()),
            email: Some(self.email.clone()),
            ..SaleQuery::default()
        };
        let all = PageRequest { limit: 100, after: None };
        let reports = &http.use_cases.reports;
        let sales = reports.sales(&at.creator, &at.handle.name, query, &all).await?;
        let is_it = |sale: &Sale| {
            sale.purchase.id == self.grant && sale.purchase.granted_as == GrantType::Complimentary
        };
        let found = sales.items.into_iter().find(is_it);
        found.ok_or_else(|| Problem::new(Code::PurchaseNotFound))
    }

    /// Leads to the person, and says that it is taken back.
    fn revoked(&self, at: &AtHandle) -> HttpResponse {
        let notice = Notice::about("console-people-notice-revoked", self.email.shown());
        see_other_with(&person(at, &self.email), notice)
    }

    /// Returns whether the person then cannot open the page any more.
    async fn closes(&self, http: &Http, at: &AtHandle) -> Result<bool, Problem> {
        let target = Target::Page(self.page.clone());
        let (reports, email) = (&http.use_cases.reports, self.email.clone());
        let case = reports.explain(&at.creator, &at.handle.name, target, email).await?;
        Ok(case.would_change.iter().any(|would| would.change == Change::RevokeGrant))
    }
}
