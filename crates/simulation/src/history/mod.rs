//! Histories: what happens, in which order, and who goes on in between.

mod describe;
mod draw;
mod generate;
mod scenarios;
mod shrink;

use tollgate_domain_testing::Call;

pub use generate::generate;
pub use shrink::shrink;

/// The number of visitors.
pub(crate) const PEOPLE: usize = 3;
/// The number of pages. The first two belong to one shop and the third to another.
pub(crate) const PAGES: usize = 3;

/// Chooses what came last, where numbers choose among what there is.
pub(crate) const NEWEST: u8 = u8::MAX;

/// A visitor, by number.
pub(crate) type Who = usize;
/// A page, by number.
pub(crate) type PageNo = usize;

/// Everything that a run needs: the same history always ends in the same state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The seed of ids and tokens.
    pub seed: u64,
    /// How far the clock of each replica is off, in milliseconds.
    pub skews: [i64; 3],
    /// Whether the events that are still on their way at the end are lost.
    pub loses_last_events: bool,
    /// What happens, in this order.
    pub steps: Vec<Step>,
}

/// One step of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The replica that does it, if a replica does.
    pub replica: usize,
    /// What happens.
    pub op: Op,
    /// How far the operations under way go on after that.
    pub turns: Turns,
    /// Decides which of them go on.
    pub salt: u64,
}

/// How far the operations under way go on after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turns {
    /// Until all have ended.
    UntilQuiet,
    /// So many times one of them goes on to its next gate.
    Some(u16),
}

/// How a visitor pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paying {
    /// The money is there at once.
    Now,
    /// The money takes days.
    Later,
}

/// What a creator makes of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    /// It is published and paid.
    OnSale,
    /// It is archived.
    Archived,
    /// It is open to everybody.
    Public,
    /// It is open to everybody who is signed in.
    FreeWithLogin,
}

/// How a dispute goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// The creator wins it.
    Won,
    /// The creator loses it.
    Lost,
}

/// How a call to the provider fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallFault {
    /// The request is lost.
    LostRequest,
    /// The request is carried out, and the answer is lost.
    LostAnswer,
    /// The provider answers 500, has done nothing, and keeps that answer under the key.
    Kept500,
    /// The provider answers 500, has done what was asked, and keeps that answer under the key.
    Kept500AfterEffect,
    /// The provider turns the request away, since its key is in use.
    KeyInUse,
    /// The provider answers 404, for once.
    NotFoundOnce,
    /// The sender gets no answer in time, and the request is carried out later.
    Late,
}

/// What happens in a step. Numbers that choose among what there is count round, and 255 is
/// what came last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// A visitor asks for a link.
    RequestLink(Who),
    /// A visitor redeems one of the links that were mailed; with `again`, in the way in which a browser
    /// repeats it.
    Redeem { who: Who, link: u8, again: bool },
    /// A visitor types the code of the newest link, or a wrong one.
    EnterCode { who: Who, is_right: bool },
    /// A visitor signs out.
    SignOut(Who),
    /// A visitor opens a page.
    Look { who: Who, page: PageNo },
    /// A visitor asks for a pay page.
    Start { who: Who, page: PageNo },
    /// A visitor asks for a pay page at the group price.
    StartInGroup(Who),
    /// A visitor pays on one of the pay pages that were handed out.
    Pay { nth: u8, how: Paying },
    /// A visitor returns from a pay page.
    ComeBack { nth: u8 },
    /// Money that was on its way arrives, or does not.
    Complete { nth: u8, arrives: bool },
    /// A visitor joins the group buy, or replaces the quantity.
    Express { who: Who, quantity: u8 },
    /// A visitor leaves the group buy.
    Withdraw(Who),
    /// The creator activates the group buy.
    Activate,
    /// The creator cancels the group buy.
    Cancel,
    /// The creator begins another group buy.
    NewGroupBuy { target: u8 },
    /// The creator refunds what a visitor paid last for a page; with `again`, under the key of the request
    /// before.
    Refund { who: Who, page: PageNo, again: bool },
    /// The creator gives a page to a visitor.
    Give { who: Who, page: PageNo },
    /// The creator takes a gift back.
    TakeBack { who: Who, page: PageNo },
    /// The creator of a page asks for a change of a visitor's address.
    AskToMove { who: Who, page: PageNo },
    /// The visitor confirms it with the link that was mailed to the new address.
    ConfirmMove { who: Who, page: PageNo },
    /// The creator changes the price of a page.
    Price { page: PageNo, amount: u16 },
    /// The creator changes who can see a page.
    Show { page: PageNo, showing: Showing },
    /// The creator has second payments held, or refunded by themselves.
    Hold { shop: u8, is_held: bool },
    /// The creator of one shop tries the calls of another one's.
    Trespass { who: Who, page: PageNo },
    /// The creator refunds money in the provider's dashboard: the whole or this percentage.
    RefundInDashboard { nth: u8, percent: u8 },
    /// A refund fails after it was accepted.
    FailRefund { nth: u8 },
    /// Refunds wait for their buyers from now on, or have arrived at once.
    RefundsWait(bool),
    /// A bank disputes a payment: the whole or this percentage.
    Dispute { nth: u8, percent: u8 },
    /// A bank asks about a payment, before it may dispute it.
    Inquire { nth: u8 },
    /// What a bank asked becomes a dispute.
    Escalate { nth: u8 },
    /// A dispute that was decided is opened again.
    Reopen { nth: u8 },
    /// A dispute that was lost is won after all.
    Overturn { nth: u8 },
    /// A dispute, or what a bank asked, ends before it is decided.
    Prevent { nth: u8 },
    /// A dispute is decided.
    Decide { nth: u8, ruling: Ruling },
    /// A shop's balance covers refunds, or does not.
    Balance { shop: u8, is_sufficient: bool },
    /// A shop's account can take payments, or cannot.
    Restrict { shop: u8, is_restricted: bool },
    /// The owner of a shop's account takes the platform's access to it away.
    Disconnect { shop: u8 },
    /// The owner of an account of a shop gives the platform access to it again.
    GiveAccess { shop: u8, nth: u8 },
    /// The creator connects an account to a shop: another one if it has none that the platform reaches.
    Connect { shop: u8 },
    /// Somebody opens and pays a session with the metadata of a visitor's order, for one unit, in the
    /// account of the order or in another one.
    Forge { nth: u8, at_own_account: bool },
    /// The provider delivers one of the events that are on their way; if it is doubled, it stays on its way.
    Deliver { nth: u8, is_doubled: bool },
    /// One of the events is lost.
    LoseEvent { nth: u8 },
    /// A replica does the job that comes first.
    Work,
    /// A replica sweeps all accounts.
    Sweep,
    /// A replica forgets what has expired.
    Forget,
    /// The process of a replica dies at the gate after so many further ones, and starts again.
    Crash { passes: u8 },
    /// A call to the provider fails.
    FailCall { call: Call, fault: CallFault },
    /// The next commit of a replica fails, or only its answer is lost.
    FailCommit { is_stored: bool },
    /// A replica loses its connection to the database, or has it again.
    CutOff(bool),
    /// The mail server refuses the next mail for now.
    FailMail,
    /// Time passes.
    Wait { seconds: u32 },
    /// So much time passes that no list of a sweep goes back to what was refunded before, and everybody has to sign in again. Only
    /// kept histories have it.
    Months,
}
