//! Mails to all visitors who are interested in a group buy.

use std::sync::Arc;

use jiff::Timestamp;

use super::{GroupBuyError, GroupBuyView};
use crate::{
    links::Links,
    mail::{About, MailContent, MailWriter, NewMail},
    store::UnitOfWork,
};

/// The number of addresses that are read at once. The group may be of any size.
const AT_ONCE: u32 = 200;

/// Writes mails to interested visitors.
#[derive(Clone)]
pub(super) struct Notices {
    pub(super) mails: MailWriter,
    pub(super) links: Arc<dyn Links>,
}

impl Notices {
    /// Queues one mail to each interested visitor, in the unit that makes the change it reports. The row
    /// of the group buy is locked, so no interest is added or withdrawn until the unit ends. The visitors asked for
    /// these mails by joining, so the creator's limits do not apply.
    pub(super) async fn to_interested(
        &self,
        unit: &mut dyn UnitOfWork,
        view: &GroupBuyView,
        content: &MailContent,
        now: Timestamp,
    ) -> Result<(), GroupBuyError> {
        let (handle, name) = (view.handle.id, &view.handle.name);
        let about = About { handle, name, links: &*self.links };
        let mut after = None;
        loop {
            let id = view.group_buy.id;
            let part = unit.interests().recipients(id, after, AT_ONCE).await?;
            let Some((last, _)) = part.last() else { return Ok(()) };
            after = Some(*last);
            for (_, to) in part {
                let mail = NewMail::about(&view.handle, to, content);
                // By joining, a visitor asks to be told when the offer can be paid, which it can be for some days only.
                if matches!(content, MailContent::GroupBuyActivated { .. }) {
                    self.mails.write_asked_for(now, unit, about, mail).await?;
                } else {
                    self.mails.write_stoppable(now, unit, about, mail).await?;
                }
            }
        }
    }

    /// Returns the mail about an activated offer.
    pub(super) fn activated(&self, view: &GroupBuyView) -> MailContent {
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
pub(super) fn expired(view: &GroupBuyView) -> MailContent {
    MailContent::GroupBuyExpired {
        seller: view.handle.title.clone(),
        title: view.group_buy.title.clone(),
    }
}

/// Returns the mail about a cancelled group buy.
pub(super) fn cancelled(view: &GroupBuyView) -> MailContent {
    MailContent::GroupBuyCancelled {
        seller: view.handle.title.clone(),
        title: view.group_buy.title.clone(),
    }
}
