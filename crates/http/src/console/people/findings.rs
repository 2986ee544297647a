//! What is known about a person, as far as this handle is concerned.

use std::collections::BTreeMap;

use tollgate_domain::{
    email::Email,
    files::File,
    paging::{Cursor, Listing, PageRequest},
    payments::ProviderRefundId,
    reports::{Explanation, Sale, SaleQuery, Target},
};

use super::super::{
    choice::{self, PageChoice},
    who::AtHandle,
};
use crate::{person::KnownPerson, problem::Problem, state::Http};

/// The greatest number of pages and files that are explained at once, each.
const MAX_EXPLAINED: usize = 20;
const LARGEST: PageRequest = PageRequest { limit: 100, after: None };
/// The greatest number of parts that a list to choose from is read in, before it goes on at another address.
const MAX_PARTS: usize = 10;

/// What is known about a person.
pub(super) struct Findings {
    pub(super) known: KnownPerson,
    /// Whether a mail about the handle went to the address, such as a sign-in link that was asked for here.
    is_mailed: bool,
    /// The purchases and grants, newest first.
    pub(super) sales: Vec<Sale>,
    /// Where older purchases and grants begin.
    pub(super) older_sales: Option<Cursor>,
    /// Why refunds were made, by Stripe's refund.
    pub(super) reasons: BTreeMap<ProviderRefundId, String>,
    /// The pages and files that concern the person; the one that was asked about comes first.
    pub(super) explained: Vec<Explanation>,
    /// Sales of pages that are not explained, since there are too many.
    pub(super) more: Vec<Sale>,
    /// All pages of the handle.
    pub(super) pages: Vec<PageChoice>,
    /// The files of the handle, newest first, or a part of them.
    pub(super) files: Vec<File>,
    /// Where older files begin.
    pub(super) older_files: Option<Cursor>,
}

/// What the creator asks for besides the person.
pub(super) struct Asked {
    /// A page or file.
    pub(super) about: Option<Target>,
    /// Where the part of the files begins that can be chosen from.
    pub(super) files: Option<Cursor>,
}

/// Returns a part of the files of the handle.
async fn files_from(
    http: &Http,
    at: &AtHandle,
    after: Option<Cursor>,
) -> Result<Listing<File>, Problem> {
    let (mut items, mut part) = (Vec::new(), PageRequest { after, ..LARGEST });
    for _ in 0..MAX_PARTS {
        let found = http.use_cases.files.list(&at.creator, &at.handle.name, &part).await?;
        items.extend(found.items);
        part.after = found.next;
        if part.after.is_none() {
            break;
        }
    }
    Ok(Listing { items, next: part.after })
}

impl Findings {
    pub(super) async fn of(
        http: &Http,
        at: &AtHandle,
        email: &Email,
        asked: Asked,
    ) -> Result<Self, Problem> {
        let mut findings = Self::unexplained(http, at, email, asked.files).await?;
        findings.explain(http, at, email, asked.about).await?;
        Ok(findings)
    }

    /// Reads all but the explanations.
    async fn unexplained(
        http: &Http,
        at: &AtHandle,
        email: &Email,
        files: Option<Cursor>,
    ) -> Result<Self, Problem> {
        let (reports, name) = (&http.use_cases.reports, &at.handle.name);
        let theirs = SaleQuery { email: Some(email.clone()), ..SaleQuery::default() };
        let sales = reports.sales(&at.creator, name, theirs, &LARGEST).await?;
        let files = files_from(http, at, files).await?;
        let mut findings = Self {
            known: KnownPerson::read(http, &at.creator, &at.handle, email).await?,
            is_mailed: http.use_cases.mail_reports.has_mailed(at.handle.id, email).await?,
            sales: sales.items,
            older_sales: sales.next,
            reasons: BTreeMap::new(),
            explained: Vec::new(),
            more: Vec::new(),
            pages: choice::all_pages(http, at).await?,
            files: files.items,
            older_files: files.next,
        };
        let bought: Vec<_> = findings.sales.iter().map(|sale| sale.purchase.id).collect();
        findings.reasons = http.use_cases.refunds.reasons(&bought).await?;
        Ok(findings)
    }

    async fn explain(
        &mut self,
        http: &Http,
        at: &AtHandle,
        email: &Email,
        asked: Option<Target>,
    ) -> Result<(), Problem> {
        let (reports, name) = (&http.use_cases.reports, &at.handle.name);
        let mut targets = self.targets(asked);
        let most = u32::try_from(MAX_EXPLAINED).unwrap_or(u32::MAX);
        for slug in reports.pages_about(&at.creator, name, email, most).await? {
            let target = Target::Page(slug);
            if targets.len() < MAX_EXPLAINED && !targets.contains(&target) {
                targets.push(target);
            }
        }
        for target in &targets {
            let explained = reports.explain(&at.creator, name, target.clone(), email.clone()).await;
            self.explained.push(explained?);
        }
        for slug in reports.files_about(&at.creator, name, email, most).await? {
            let target = Target::File(slug);
            if !targets.contains(&target) {
                let explained = reports.explain(&at.creator, name, target, email.clone()).await?;
                self.explained.push(explained);
            }
        }
        Ok(())
    }

    /// Returns whether anything happened here besides a mail, such as a payment that is on its way or failed.
    pub(super) fn has_history(&self) -> bool {
        let mut explained = self.explained.iter();
        !self.known.moves.is_empty()
            || !self.known.waiting.is_empty()
            || explained.any(|one| {
                !one.facts.is_empty()
                    || one.pending.is_some()
                    || !one.failed.is_empty()
                    || !one.unpaid.is_empty()
            })
    }

    /// Returns whether nothing is known about the address.
    pub(super) fn is_stranger(&self) -> bool {
        let is_here = self.has_history() || self.is_mailed;
        self.known.person.is_none() && self.sales.is_empty() && !is_here
    }

    /// Returns what was asked about and the pages that the person bought or was given. What is too much goes
    /// to `more`.
    fn targets(&mut self, asked: Option<Target>) -> Vec<Target> {
        let mut targets: Vec<Target> = asked.into_iter().collect();
        for sale in &self.sales {
            let target = Target::Page(sale.slug.clone());
            if targets.contains(&target) || self.more.iter().any(|more| more.slug == sale.slug) {
                continue;
            }
            if targets.len() < MAX_EXPLAINED {
                targets.push(target);
            } else {
                self.more.push(sale.clone());
            }
        }
        targets
    }
}
