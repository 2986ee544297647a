//! Mails about disputes.

use jiff::Timestamp;

use super::Disputes;
use crate::{
    access::{Holding, Purchase},
    checkout::{About, FulfilmentError},
    email::Email,
    id::{HandleId, PurchaseId},
    mail::MailContent,
    money::Money,
    payments::{DisputeStage, DisputeState},
    store::UnitOfWork,
};

/// What is new about a dispute.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct DisputeNews {
    /// Whether the bank asks about the payment for the first time, and awaits an answer.
    pub(super) asks: bool,
    /// Whether the dispute was opened.
    pub(super) opened: bool,
    /// Whether the creator won the dispute, if it was decided.
    pub(super) is_won: Option<bool>,
}

impl DisputeNews {
    /// Returns what people are told of it. Once the payment is refunded, nothing is left to answer to the bank, so that a question is
    /// left out.
    pub(super) fn unless_refunded(self, is_refunded: bool) -> Self {
        Self { asks: self.asks && !is_refunded, ..self }
    }
}

/// Whether the page of a disputed payment is open to its buyer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PageOpen {
    /// Whether the page is open by this purchase or otherwise.
    now: bool,
    /// Whether the page is open by another purchase or a gift.
    otherwise: bool,
}

impl PageOpen {
    /// Returns what follows from all that a buyer has of the page.
    fn of(theirs: &[Purchase], disputed: PurchaseId) -> Self {
        let is_other = |known: &Purchase| known.id != disputed && known.holding().is_active();
        Self { now: Purchase::is_any_active(theirs), otherwise: theirs.iter().any(is_other) }
    }
}

/// What the creator's mails about a dispute are about.
pub(super) struct DisputeMail<'a> {
    /// The creator's handle.
    pub(super) handle: HandleId,
    /// The storefront's name.
    pub(super) shop: String,
    /// The page's title.
    pub(super) title: String,
    /// Who paid.
    pub(super) visitor: Email,
    /// The dispute as the provider shows it.
    pub(super) state: &'a DisputeState,
    /// When the mails are written.
    pub(super) now: Timestamp,
    /// Whether the page is open to who paid.
    pub(super) open: PageOpen,
    /// Whether the payment does not match its order and opened nothing.
    pub(super) is_quarantined: bool,
    /// Whether a loss leaves a part of the payment, and nothing was refunded besides: the rest stays with the creator.
    pub(super) is_part: bool,
    /// Where the creator finds it in the console.
    pub(super) console_url: String,
}

impl DisputeMail<'_> {
    /// Returns the disputed amount, unless its currency is not known.
    fn amount(&self) -> Option<Money> {
        let currency = self.state.currency.parse().ok()?;
        Some(Money::new(self.state.amount, currency))
    }

    /// Returns when the time for the creator's answer ends, if the provider says so and it has not ended.
    fn respond_by(&self) -> Option<Timestamp> {
        self.state.respond_by.filter(|until| self.now < *until)
    }

    /// Returns whether the creator can still answer to the bank. Start of the console lists what awaits an answer by the same rule.
    fn awaits_answer(&self) -> bool {
        let is_late = self.state.respond_by.is_some() && self.respond_by().is_none();
        self.state.stage == DisputeStage::NeedsResponse && !is_late
    }

    /// Returns what the buyer has got back if it is news that the dispute is lost.
    fn lost(&self, news: DisputeNews) -> Option<Money> {
        self.amount().filter(|_| news.is_won == Some(false))
    }

    /// Returns a mail for each thing that is news, in the order in which they happened.
    fn contents(&self, news: DisputeNews) -> Vec<MailContent> {
        let asked = (news.asks && self.awaits_answer()).then(|| self.asked());
        let opened = news.opened.then(|| self.opened());
        let decided = news.is_won.map(|is_won| self.decided(is_won, self.lost(news)));
        [asked, opened, decided].into_iter().flatten().collect()
    }

    fn asked(&self) -> MailContent {
        MailContent::Inquiry {
            title: self.title.clone(),
            visitor: self.visitor.clone(),
            reference: self.state.dispute.to_string(),
            amount: self.amount(),
            respond_by: self.respond_by(),
            is_quarantined: self.is_quarantined,
            shop: self.shop.clone(),
            console_url: self.console_url.clone(),
        }
    }

    fn opened(&self) -> MailContent {
        MailContent::Disputed {
            title: self.title.clone(),
            visitor: self.visitor.clone(),
            reference: self.state.dispute.to_string(),
            amount: self.amount(),
            respond_by: self.respond_by(),
            needs_no_answer: !self.awaits_answer(),
            is_kept_open: self.open.otherwise,
            is_quarantined: self.is_quarantined,
            shop: self.shop.clone(),
            console_url: self.console_url.clone(),
        }
    }

    fn decided(&self, is_won: bool, lost: Option<Money>) -> MailContent {
        MailContent::DisputeDecided {
            shop: self.shop.clone(),
            title: self.title.clone(),
            visitor: self.visitor.clone(),
            reference: self.state.dispute.to_string(),
            is_won,
            lost,
            is_part: lost.is_some() && self.is_part,
            is_open: Some(self.open.now),
            is_quarantined: self.is_quarantined,
            console_url: self.console_url.clone(),
        }
    }
}

/// Returns whether all that no dispute took of a payment stays with the creator.
fn is_rest_left(purchase: &Purchase) -> bool {
    purchase.refunded == 0 && purchase.left() > 0
}

/// What a buyer is told of a dispute.
#[derive(Clone, Copy)]
struct BuyerNews {
    news: DisputeNews,
    /// The amount that the bank took back, if that is news.
    lost: Option<Money>,
    /// Whether the page is open to the buyer.
    open: PageOpen,
}

impl Disputes {
    /// Tells the creator and the buyer of a purchase, which was held like `before`, what is new about its dispute.
    pub(super) async fn tell(
        &self,
        unit: &mut dyn UnitOfWork,
        before: Holding,
        purchase: &Purchase,
        state: &DisputeState,
        news: DisputeNews,
    ) -> Result<(), FulfilmentError> {
        let Some(about) = self.fulfilment.about(unit, purchase).await? else { return Ok(()) };
        let theirs = unit.purchases().of_visitor(purchase.visitor_id, purchase.page_id).await?;
        let open = PageOpen::of(&theirs, purchase.id);
        let mail = DisputeMail {
            handle: about.handle.id,
            shop: about.handle.title.clone(),
            title: about.page.title.clone(),
            visitor: about.visitor.clone(),
            state,
            now: self.fulfilment.runtime.now(),
            open,
            is_quarantined: false,
            is_part: is_rest_left(purchase),
            console_url: self.fulfilment.ports.links.dispute(&about.handle.name, purchase.id),
        };
        let lost = mail.lost(news);
        self.tell_creator_of(unit, &mail, news).await?;
        self.tell_buyer(unit, about, before, purchase, BuyerNews { news, lost, open }).await
    }

    /// Tells the creator of a question of the bank, of a dispute, and how it was decided.
    pub(super) async fn tell_creator_of(
        &self,
        unit: &mut dyn UnitOfWork,
        mail: &DisputeMail<'_>,
        news: DisputeNews,
    ) -> Result<(), FulfilmentError> {
        for content in mail.contents(news) {
            self.fulfilment.mail_creator(unit, mail.handle, &content).await?;
        }
        Ok(())
    }

    /// Tells the buyer what the dispute does to the access, unless another purchase keeps it, or it had ended before. A
    /// buyer who was not told that it is paused, or whose page is open by another purchase or a gift, is not told that it is back.
    async fn tell_buyer(
        &self,
        unit: &mut dyn UnitOfWork,
        about: About,
        before: Holding,
        purchase: &Purchase,
        BuyerNews { news, lost, open }: BuyerNews,
    ) -> Result<(), FulfilmentError> {
        let is_open = open.now;
        let is_news = match news.is_won {
            Some(true) => !news.opened && purchase.holding().is_active() && !open.otherwise,
            Some(false) => !is_open && !before.has_ended(),
            None => news.opened && !is_open && before.is_active(),
        };
        if !is_news {
            return Ok(());
        }
        let links = &self.fulfilment.ports.links;
        let (address, can_buy) =
            (links.page(&about.handle.name, &about.page.slug), about.page.offer().is_some());
        let content = MailContent::AccessDisputed {
            seller: about.handle.title.clone(),
            page_url: is_open.then(|| address.clone()),
            can_buy,
            buy_url: can_buy.then_some(address),
            title: about.page.title,
            is_over: news.is_won.is_some(),
            lost,
            is_part: lost.is_some() && is_rest_left(purchase),
        };
        self.fulfilment.mail_visitor(unit, about.visitor, &about.handle, &content).await
    }
}
