//! Mails to all visitors who are interested in a group buy.

use std::sync::Arc;

use jiff::Timestamp;

use super::{GroupBuy, GroupBuyError, GroupBuyState, GroupBuyView};
use crate::{
    creators::Handle,
    email::Email,
    id::VisitorId,
    jobs::{Job, NewJob},
    links::Links,
    mail::{MailAbout, MailContent, MailWriter, NewMail},
    store::UnitOfWork,
};

/// The number of mails that are queued in one unit of work. The group may be of any size.
const AT_ONCE: u32 = 200;

/// Writes mails to interested visitors.
#[derive(Clone)]
pub(super) struct Notices {
    pub(super) mails: MailWriter,
    pub(super) links: Arc<dyn Links>,
}

impl Notices {
    /// Queues one mail to each of the first interested visitors after `after`, in the unit that makes the change it
    /// reports, and a job for those that follow, so that a large group delays no other unit. Nobody can join any more by
    /// then. A visitor who leaves before the job comes to them gets no mail; after an activation nobody can leave. The
    /// visitors asked for these mails by joining, so the creator's limits do not apply.
    pub(super) async fn to_interested(
        &self,
        unit: &mut dyn UnitOfWork,
        view: &GroupBuyView,
        after: Option<VisitorId>,
        now: Timestamp,
    ) -> Result<(), GroupBuyError> {
        let Some(content) = self.content(view) else { return Ok(()) };
        let (id, handle, name) = (view.group_buy.id, view.handle.id, &view.handle.name);
        let about = MailAbout { handle, name, links: &*self.links };
        let part = unit.interests().recipients(id, after, AT_ONCE).await?;
        let last = part.last().map(|(visitor, _)| *visitor);
        let last = last.filter(|_| u32::try_from(part.len()) == Ok(AT_ONCE));
        for (_, to) in part {
            let mail = NewMail::about(&view.handle, to, &content);
            if content.kind().is_asked_for() {
                self.mails.write_asked_for(now, unit, about, mail).await?;
            } else {
                self.mails.write_stoppable(now, unit, about, mail).await?;
            }
        }
        if let Some(last) = last {
            let rest = Job::NotifyInterested(id, last);
            unit.jobs().enqueue(&NewJob::new(rest, now)).await?;
        }
        Ok(())
    }

    /// Queues the mail that tells the creator that a group buy ended below its target. It does not keep the group buy from
    /// ending that the mail cannot be written.
    pub(super) async fn to_creator_of_missed(
        &self,
        unit: &mut dyn UnitOfWork,
        to: Email,
        handle: &Handle,
        group_buy: &GroupBuy,
    ) -> Result<(), GroupBuyError> {
        let content = MailContent::GroupBuyMissed {
            shop: handle.title.clone(),
            title: group_buy.title.clone(),
            joined: group_buy.current_quantity,
            target: group_buy.target_quantity,
            console_url: self.links.own_group_buy(&handle.name, &group_buy.slug),
        };
        let mail = NewMail::new(to, &content).with_handle(handle.id);
        Ok(self.mails.write_if_possible(unit, mail, "a group buy").await?)
    }

    /// Returns the mail about what became of a group buy; `None` while it is open.
    fn content(&self, view: &GroupBuyView) -> Option<MailContent> {
        if view.group_buy.activated_at.is_some() {
            return Some(self.activated(view));
        }
        match view.group_buy.state {
            GroupBuyState::Cancelled => Some(cancelled(view)),
            GroupBuyState::Expired => Some(expired(view)),
            GroupBuyState::Open | GroupBuyState::Active => None,
        }
    }

    /// Returns the mail about an activated offer.
    fn activated(&self, view: &GroupBuyView) -> MailContent {
        MailContent::GroupBuyActivated {
            seller: view.handle.title.clone(),
            title: view.group_buy.title.clone(),
            price: view.group_buy.price,
            offer_url: self.links.group_buy(&view.handle.name, &view.group_buy.slug),
            ends_at: view.group_buy.offer_ends_at.unwrap_or(view.group_buy.updated_at),
        }
    }
}

/// Returns the mail about a group buy that ended below its target.
fn expired(view: &GroupBuyView) -> MailContent {
    MailContent::GroupBuyExpired {
        seller: view.handle.title.clone(),
        title: view.group_buy.title.clone(),
    }
}

/// Returns the mail about a cancelled group buy.
fn cancelled(view: &GroupBuyView) -> MailContent {
    MailContent::GroupBuyCancelled {
        seller: view.handle.title.clone(),
        title: view.group_buy.title.clone(),
    }
}
