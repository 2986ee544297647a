//! The part of a page below its teaser: the body, or what it takes to see it.

use std::sync::Arc;

use tollgate_domain::{
    access::{PageView, Reason},
    checkout::EarlierPurchase,
    creators::{AccessMode, Handle, Page},
    files::File,
    group_buys::{GroupBuyDetails, GroupBuyStatus},
    id::CheckoutId,
    money::Money,
};

use super::super::{
    earlier::{earlier_purchase, invitation, is_payable, told, told_or_moved},
    group_buy::{GroupBuyLink, pay_path},
    sign_in::EmailForm,
};
use crate::{
    links::{page_path, return_path},
    locale::{Sentence, Texts},
    markdown::{OwnFiles, Part},
    problem::{Code, Problem},
    state::Http,
};

/// The part of the page below the teaser.
pub(super) enum Gate {
    /// The body and the files of the page.
    Open { body: Arc<str>, files: Vec<FileLine> },
    /// The way to get in.
    Closed(Box<Closed>),
}

pub(crate) struct Closed {
    pub(crate) heading: String,
    pub(crate) price: Option<String>,
    pub(crate) inside: Inside,
    /// What has happened so far, in sentences.
    pub(crate) told: Vec<Sentence>,
    /// Where the visitor's purchases went when their address was changed.
    pub(super) moved: Option<Sentence>,
    pub(super) way: Way,
    /// Group buys of the same page that are cheaper, or that the visitor has joined.
    pub(crate) group_buys: Vec<GroupBuyLink>,
    /// The heading above the group buys, which compares them with the price of the page.
    pub(super) group_heading: String,
}

/// The next step of the visitor.
pub(super) enum Way {
    SignIn {
        form: EmailForm,
        purpose: String,
    },
    Buy {
        button: String,
        /// Where the button leads.
        action: String,
    },
    /// Look whether the payment has arrived.
    Look {
        address: String,
    },
    /// Nothing: the visitor cannot do anything about it here.
    Wait,
}

pub(crate) struct Inside {
    /// How long it takes to read.
    pub(crate) time: Option<String>,
    /// How many files there are.
    pub(crate) count: Option<String>,
    pub(crate) files: Vec<FileLine>,
}

/// A file as a list names it.
pub(crate) struct FileLine {
    pub(super) slug: String,
    pub(crate) name: String,
    pub(crate) size: String,
}

/// How many characters a person reads in a minute.
const CHARACTERS_A_MINUTE: usize = 1_200;

impl Gate {
    /// Returns the gate as the viewer finds it. The viewer comes from the pay page of the `unconfirmed` order.
    pub(super) async fn of(
        http: &Http,
        t: Texts,
        view: &PageView,
        own: &OwnFiles,
        unconfirmed: Option<CheckoutId>,
    ) -> Result<Self, Problem> {
        let files = if view.has_files {
            http.use_cases.downloads.of_page(view.page.id).await?
        } else {
            Vec::new()
        };
        if view.reason.has_access() {
            let files = files.into_iter().map(|file| FileLine::of(t, file)).collect();
            let body = http.rendered().html(t, &view.page, Part::Body, own).await?;
            return Ok(Self::Open { body, files });
        }
        let closed = Closed::of(http, t, view, files, unconfirmed).await?;
        Ok(Self::Closed(Box::new(closed)))
    }

    /// Returns whether the visitor can go on to pay.
    pub(super) fn leads_to_payment(&self) -> bool {
        match self {
            Self::Closed(closed) => matches!(closed.way, Way::SignIn { .. } | Way::Buy { .. }),
            Self::Open { .. } => false,
        }
    }

    /// Returns the form for signing in, if that is the next step.
    pub(super) fn form(&mut self) -> Option<&mut EmailForm> {
        match self {
            Self::Closed(closed) => match &mut closed.way {
                Way::SignIn { form, .. } => Some(form),
                Way::Buy { .. } | Way::Look { .. } | Way::Wait => None,
            },
            Self::Open { .. } => None,
        }
    }
}

impl Closed {
    /// Returns the gate as somebody without a session finds it, or would find it if the page were published.
    pub(crate) async fn to_strangers(
        http: &Http,
        t: Texts,
        (handle, page): (Handle, Page),
        files: Vec<File>,
    ) -> Result<Self, Problem> {
        let view = PageView {
            hidden_characters: page.body.chars().count(),
            has_files: !files.is_empty(),
            reason: Reason::VisitorAuthRequired,
            visitor: None,
            holdings: Vec::new(),
            handle,
            page,
        };
        Self::of(http, t, &view, files, None).await
    }

    /// Returns what is said above the form for signing in, if that is the next step.
    pub(crate) fn purpose(&self) -> Option<&str> {
        match &self.way {
            Way::SignIn { purpose, .. } => Some(purpose),
            Way::Buy { .. } | Way::Look { .. } | Way::Wait => None,
        }
    }

    /// Returns whether the form for signing in says what is wrong with it.
    pub(super) fn is_refused(&self) -> bool {
        matches!(&self.way, Way::SignIn { form, .. } if form.error.is_some())
    }

    async fn of(
        http: &Http,
        t: Texts,
        view: &PageView,
        files: Vec<File>,
        unconfirmed: Option<CheckoutId>,
    ) -> Result<Self, Problem> {
        let files = files.into_iter().map(|file| FileLine::of(t, file)).collect();
        let inside = Inside::of(t, view.hidden_characters, files);
        if view.page.mode == AccessMode::Paid {
            Self::paid(http, t, view, inside, unconfirmed).await
        } else {
            Ok(Self::free(t, view, inside))
        }
    }

    fn free(t: Texts, view: &PageView, inside: Inside) -> Self {
        Self {
            heading: t.get("gate-heading-free"),
            price: None,
            inside,
            told: Vec::new(),
            moved: None,
            way: Way::sign_in(view, t.get("gate-free")),
            group_buys: Vec::new(),
            group_heading: String::new(),
        }
    }

    /// Returns the gate of a page that everybody can buy.
    fn on_sale(t: Texts, view: &PageView, inside: Inside, price: String) -> Self {
        Self {
            heading: t.get("gate-heading"),
            inside,
            told: Vec::new(),
            moved: None,
            way: Way::Buy {
                button: t.with("gate-buy", "price", &price),
                action: format!("{}/checkout", page_path(&view.page.slug)),
            },
            price: Some(price),
            group_buys: Vec::new(),
            group_heading: String::new(),
        }
    }

    async fn paid(
        http: &Http,
        t: Texts,
        view: &PageView,
        inside: Inside,
        unconfirmed: Option<CheckoutId>,
    ) -> Result<Self, Problem> {
        // A paid page always has a price; without one there is nothing to sell.
        let price = view.page.price.ok_or_else(|| Problem::new(Code::PageNotPaid))?;
        let mut closed = Self::on_sale(t, view, inside, t.money(price));
        let earlier = earlier_purchase(http, view).await?;
        if let EarlierPurchase::Pending(order) = &earlier {
            closed.told = told(t, &view.handle, &earlier);
            return Ok(closed.settling(t, Way::look(view, order.id)));
        }
        if let (Some(visitor), Some(id)) = (&view.visitor, unconfirmed)
            && is_payable(http, view.page.id, visitor, id).await?
        {
            return Ok(closed.settling(t, Way::look(view, id)));
        }
        (closed.told, closed.moved) =
            told_or_moved(http, t, &view.handle, view.visitor.as_ref(), &earlier).await?;
        if !earlier.may_pay() {
            return Ok(closed.settling(t, Way::Wait));
        }
        let is_on_sale = http.use_cases.connect.can_charge(&view.handle).await?;
        if is_on_sale {
            closed.told.extend(invitation(t, &earlier));
        } else {
            closed.stay_off_sale(t, is_new(http, view, &earlier).await?);
        }
        if view.reason == Reason::VisitorAuthRequired {
            let purpose = if is_on_sale { "gate-bought-before" } else { "gate-only-before" };
            closed.way = Way::sign_in(view, t.get(purpose));
        }
        closed.name_group_buys(http, t, view).await?;
        Ok(closed)
    }

    /// Names the group buys of the page that concern the visitor. If one of them can be paid, it is what is bought.
    async fn name_group_buys(
        &mut self,
        http: &Http,
        t: Texts,
        view: &PageView,
    ) -> Result<(), Problem> {
        let (offers, page, mut asked) = (&http.use_cases.offers, view.page.id, view.page.price);
        let is_cheaper = |offer: &GroupBuyDetails, price: Option<Money>| {
            price.is_some_and(|price| offer.view.group_buy.is_cheaper_than(price))
        };
        let offered = match &view.visitor {
            Some(visitor) => offers.of_page_for(page, visitor.id).await?,
            None => offers.of_page(page).await?,
        };
        let mut named = Vec::new();
        for offer in offered {
            let may_join = is_cheaper(&offer, asked) && offer.can_join;
            if may_join || has_joined(http, view, &offer).await? {
                named.push(offer);
            }
        }
        // Only those who joined pay the group price.
        let is_payable = |offer: &&GroupBuyDetails| {
            is_cheaper(offer, view.page.price) && offer.status == GroupBuyStatus::Active
        };
        if matches!(self.way, Way::Buy { .. })
            && let Some(offer) = named.iter().find(is_payable)
        {
            self.buy_in_group(t, offer);
            asked = Some(offer.view.group_buy.price);
        }
        let cheaper = named.iter().filter(|offer| is_cheaper(offer, asked)).count();
        self.group_heading = t.get(match (cheaper, named.len()) {
            (0, 1) => "gate-group-buy-joined",
            (cheaper, all) if cheaper == all => "gate-group-buys",
            _ => "store-group-buys",
        });
        self.group_buys = named.into_iter().map(|offer| GroupBuyLink::of(t, offer)).collect();
        Ok(())
    }

    fn buy_in_group(&mut self, t: Texts, offer: &GroupBuyDetails) {
        let group_buy = &offer.view.group_buy;
        let price = t.money(group_buy.price);
        if let (Some(regular), Some(end)) = (&self.price, group_buy.offer_ends_at) {
            let regular = [("price", regular.clone())];
            self.told.push(t.dated("gate-group-price", end, t.day_and_time(end), &regular));
        }
        let button = t.with("gate-buy", "price", &price);
        self.way = Way::Buy { button, action: pay_path(&group_buy.slug) };
        self.price = Some(price);
    }

    /// Offers nothing to buy, since the seller can take no payments. A new page says so in its heading.
    fn stay_off_sale(&mut self, t: Texts, is_new: bool) {
        if is_new {
            self.heading = t.get("gate-heading-not-on-sale");
        }
        self.told.push(t.get(if is_new { "gate-not-on-sale" } else { "gate-off-sale" }).into());
        self.way = Way::Wait;
    }

    /// Offers nothing to buy, since an earlier payment is still to be settled.
    fn settling(self, t: Texts, way: Way) -> Self {
        Self { heading: t.get("gate-heading-settling"), price: None, way, ..self }
    }
}

/// Returns whether a page that cannot be bought was never on sale. One that was bought before, or may have been, is not new.
async fn is_new(http: &Http, view: &PageView, earlier: &EarlierPurchase) -> Result<bool, Problem> {
    Ok(*earlier == EarlierPurchase::None
        && !http.use_cases.connect.may_have_sold(&view.handle).await?)
}

/// Returns whether the visitor has joined a group buy, which then concerns the visitor even if it can no longer be joined.
async fn has_joined(
    http: &Http,
    view: &PageView,
    offer: &GroupBuyDetails,
) -> Result<bool, Problem> {
    let Some(visitor) = &view.visitor else { return Ok(false) };
    let slug = &offer.view.group_buy.slug;
    let interest = http.use_cases.offers.interest(&view.handle.name, slug, visitor.id).await?;
    Ok(interest.is_some())
}

impl Way {
    fn sign_in(view: &PageView, purpose: String) -> Self {
        Self::SignIn { form: EmailForm::on(page_path(&view.page.slug)), purpose }
    }

    fn look(view: &PageView, id: CheckoutId) -> Self {
        Self::Look { address: return_path(&view.page.slug, id) }
    }
}

impl Inside {
    fn of(t: Texts, characters: usize, files: Vec<FileLine>) -> Self {
        let minutes = characters.div_ceil(CHARACTERS_A_MINUTE);
        Self {
            time: (minutes > 0).then(|| t.count("gate-minutes", minutes)),
            count: (!files.is_empty()).then(|| t.count("gate-files", files.len())),
            files,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.time.is_none() && self.files.is_empty()
    }

    /// Returns whether the list of files would push the next step off a small screen.
    pub(super) fn is_long(&self) -> bool {
        const MAX_SHOWN: usize = 8;
        self.files.len() > MAX_SHOWN
    }
}

impl FileLine {
    pub(crate) fn of(t: Texts, file: File) -> Self {
        Self { slug: file.slug.to_string(), name: file.name, size: t.size(file.size) }
    }
}
