//! Mails: what they say, the queue that they wait in, and the use case that sends them.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    clock::{Clock, plus_seconds},
    creators::{Handle, HandleTexts},
    email::Email,
    id::{HandleId, MailId},
    money::Money,
    random::Random,
    seal::{Seal, SealError, Sealed},
    store::StoreError,
};

/// What a mail says. The mailer's templates put it in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MailContent {
    /// The way in for a visitor.
    MagicLink {
        /// The page with the button that redeems the link.
        link: SecretText,
        /// Six digits, for signing in on another device.
        code: SecretText,
        /// How long both are good for.
        valid_minutes: i64,
    },
    /// A visitor paid.
    Receipt {
        /// The storefront's name.
        seller: String,
        /// The page's title.
        title: String,
        /// Where to read it.
        page_url: String,
        /// What was paid.
        paid: Money,
    },
    /// A delayed payment did not come.
    PaymentFailed {
        /// The page's title.
        title: String,
        /// Where to try again.
        page_url: String,
    },
    /// A visitor gets money back.
    Refunded {
        /// The storefront's name.
        seller: String,
        /// The page's title.
        title: String,
        /// How much.
        amount: Money,
        /// Whether the page is closed to the visitor now.
        access_ended: bool,
    },
    /// A creator gave a visitor access.
    Granted {
        /// The storefront's name.
        seller: String,
        /// The page's title.
        title: String,
        /// Where to read it.
        page_url: String,
    },
    /// For the creator: a refund that Stripe had accepted failed later.
    RefundFailed {
        /// The page's title.
        title: String,
        /// Who was to get it.
        visitor: Email,
        /// How much.
        amount: Money,
    },
    /// For the creator: a payment does not match its order and opened nothing.
    PaymentQuarantined {
        /// The page's title.
        title: String,
        /// The Stripe object to look at.
        reference: String,
        /// What does not match.
        mismatch: String,
    },
    /// For the creator: a buyer's bank disputes a payment.
    Disputed {
        /// The page's title.
        title: String,
        /// Who bought it.
        visitor: Email,
        /// The Stripe object to look at.
        reference: String,
    },
    /// A group buy that the visitor is interested in has become an offer.
    GroupBuyActivated {
        /// The storefront's name.
        seller: String,
        /// The group buy's title.
        title: String,
        /// What the visitor pays.
        price: Money,
        /// Where to pay.
        offer_url: String,
        /// Until when.
        ends_at: Timestamp,
    },
    /// Too few visitors were interested in a group buy.
    GroupBuyExpired {
        /// The storefront's name.
        seller: String,
        /// The group buy's title.
        title: String,
    },
    /// The creator has called a group buy off.
    GroupBuyCancelled {
        /// The storefront's name.
        seller: String,
        /// The group buy's title.
        title: String,
    },
}

impl MailContent {
    /// The kind as it is stored and listed.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::MagicLink { .. } => "magic_link",
            Self::Receipt { .. } => "receipt",
            Self::PaymentFailed { .. } => "payment_failed",
            Self::Refunded { .. } => "refunded",
            Self::Granted { .. } => "granted",
            Self::RefundFailed { .. } => "refund_failed",
            Self::PaymentQuarantined { .. } => "payment_quarantined",
            Self::Disputed { .. } => "disputed",
            Self::GroupBuyActivated { .. } => "group_buy_activated",
            Self::GroupBuyExpired { .. } => "group_buy_expired",
            Self::GroupBuyCancelled { .. } => "group_buy_cancelled",
        }
    }
}

/// A text that must not be printed: `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretText(pub String);

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretText(…)")
    }
}

/// A mail that is ready to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Stays the same over retries, so that a second copy can be recognised.
    pub id: MailId,
    /// Whom it is for.
    pub to: Email,
    /// What it says.
    pub content: MailContent,
    /// What the creator wants it to end with.
    pub signature: HandleTexts,
    /// When it was queued.
    pub queued_at: Timestamp,
}

/// A mail as it waits in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedMail {
    /// Its id.
    pub id: MailId,
    /// [`MailContent::kind`].
    pub kind: String,
    /// Whom it is for.
    pub to: Email,
    /// The handle that it is about, if it is about one.
    pub handle_id: Option<HandleId>,
    /// The content as sealed JSON; empty once the mail is sent.
    pub sealed: Sealed,
    /// How often it was tried.
    pub attempts: u32,
    /// Not to be tried before.
    pub next_attempt_at: Timestamp,
    /// When it was queued.
    pub queued_at: Timestamp,
}

/// Where a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailStatus {
    /// Waiting.
    Queued,
    /// Handed over to a mail server.
    Sent,
    /// Given up; kept for the operator to see.
    Dead,
}

crate::creators::text_enum!(
    MailStatus,
    "QUEUED, SENT, DEAD",
    Queued = "QUEUED",
    Sent = "SENT",
    Dead = "DEAD"
);

/// The outbox inside a unit of work: a mail is queued exactly when the fact it reports is stored.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Outbox: Send {
    /// Queues a mail.
    async fn enqueue(&mut self, mail: &QueuedMail) -> Result<(), StoreError>;
}

/// The outbox as its worker sees it. Several workers may run on several replicas.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait MailQueue: Send + Sync {
    /// Takes the mail that has been due longest and counts the attempt. Until `leased_until` no other
    /// worker MUST get it. `None` when nothing is due.
    async fn claim(
        &self,
        now: Timestamp,
        leased_until: Timestamp,
    ) -> Result<Option<QueuedMail>, StoreError>;

    /// The mail was handed over. MUST forget the sealed content.
    async fn sent(&self, id: MailId, now: Timestamp) -> Result<(), StoreError>;

    /// The mail was not handed over: it is tried again at `again_at`, or dead when that is `None`.
    async fn failed(
        &self,
        id: MailId,
        reason: &str,
        again_at: Option<Timestamp>,
    ) -> Result<(), StoreError>;

    /// How many mails are waiting and how many are dead.
    async fn depth(&self) -> Result<QueueDepth, StoreError>;
}

/// How full the outbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueDepth {
    /// Waiting.
    pub queued: u64,
    /// Given up.
    pub dead: u64,
}

/// Why a mail was not handed over. The texts MUST NOT hold addresses or content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// May work later: the server is down, busy or slow.
    #[error("mail server: {0}")]
    Transient(String),
    /// Will never work: the server refuses the recipient or the message.
    #[error("mail server refused: {0}")]
    Permanent(String),
}

/// Hands mails over to the world.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands one mail over. MUST end within a bounded time, and `Ok` MUST mean that the other side
    /// has taken it. The same mail may come twice.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// A mail's content as it is stored. What was stored before there were signatures has none.
#[derive(Serialize, Deserialize)]
struct Stored<C> {
    #[serde(flatten)]
    content: C,
    #[serde(default)]
    signature: HandleTexts,
}

/// Puts a mail into its stored form.
pub fn queue(
    seal: &Seal,
    random: &dyn Random,
    now: Timestamp,
    to: Email,
    handle_id: Option<HandleId>,
    content: &MailContent,
) -> Result<QueuedMail, SealError> {
    seal_mail(seal, random, now, to, handle_id, content, HandleTexts::default())
}

/// The same for a mail to a visitor about a handle, which ends with the texts of its creator.
pub fn queue_for_visitor(
    seal: &Seal,
    random: &dyn Random,
    now: Timestamp,
    to: Email,
    handle: &Handle,
    content: &MailContent,
) -> Result<QueuedMail, SealError> {
    seal_mail(seal, random, now, to, Some(handle.id), content, handle.texts.clone())
}

fn seal_mail(
    seal: &Seal,
    random: &dyn Random,
    now: Timestamp,
    to: Email,
    handle_id: Option<HandleId>,
    content: &MailContent,
    signature: HandleTexts,
) -> Result<QueuedMail, SealError> {
    let plain = serde_json::to_vec(&Stored { content, signature }).map_err(|_| SealError)?;
    Ok(QueuedMail {
        id: MailId::new(now, random),
        kind: content.kind().to_owned(),
        to,
        handle_id,
        sealed: seal.seal(&plain, random)?,
        attempts: 0,
        next_attempt_at: now,
        queued_at: now,
    })
}

/// Sends what the outbox holds.
#[derive(Clone)]
pub struct Delivery {
    queue: Arc<dyn MailQueue>,
    mailer: Arc<dyn Mailer>,
    seal: Seal,
    clock: Arc<dyn Clock>,
}

/// What one step of [`Delivery`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryStep {
    /// Nothing was due.
    Idle,
    /// A mail was handed over.
    Sent,
    /// A mail was put off.
    Retried,
    /// A mail was given up.
    Dead,
}

/// A worker that dies holds its mail for this long; longer than any mailer's own time limit.
const LEASE_SECONDS: i64 = 45;
/// The last try comes about a day after the first.
const MAX_ATTEMPTS: u32 = 14;

impl Delivery {
    /// Delivery from `queue` to `mailer`.
    pub fn new(
        queue: Arc<dyn MailQueue>,
        mailer: Arc<dyn Mailer>,
        seal: Seal,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { queue, mailer, seal, clock }
    }

    /// Handles the mail that has been due longest.
    pub async fn step(&self) -> Result<DeliveryStep, StoreError> {
        let now = self.clock.now();
        let Some(queued) = self.queue.claim(now, plus_seconds(now, LEASE_SECONDS)).await? else {
            return Ok(DeliveryStep::Idle);
        };
        let outcome = match self.open(&queued) {
            Ok(mail) => self.mailer.send(&mail).await,
            Err(error) => Err(MailError::Permanent(error.to_string())),
        };
        let now = self.clock.now();
        match outcome {
            Ok(()) => {
                self.queue.sent(queued.id, now).await?;
                Ok(DeliveryStep::Sent)
            }
            Err(MailError::Transient(reason)) if queued.attempts < MAX_ATTEMPTS => {
                let again_at = plus_seconds(now, backoff_seconds(queued.attempts));
                tracing::warn!(mail = %queued.id, kind = queued.kind, reason, "mail put off");
                self.queue.failed(queued.id, &reason, Some(again_at)).await?;
                Ok(DeliveryStep::Retried)
            }
            Err(MailError::Transient(reason) | MailError::Permanent(reason)) => {
                tracing::error!(mail = %queued.id, kind = queued.kind, reason, "mail given up");
                self.queue.failed(queued.id, &reason, None).await?;
                Ok(DeliveryStep::Dead)
            }
        }
    }

    fn open(&self, queued: &QueuedMail) -> Result<Mail, SealError> {
        let plain = self.seal.open(&queued.sealed)?;
        let stored = serde_json::from_slice(&plain).map_err(|_| SealError)?;
        let Stored { content, signature } = stored;
        let (id, to) = (queued.id, queued.to.clone());
        Ok(Mail { id, to, content, signature, queued_at: queued.queued_at })
    }
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Delivery")
    }
}

/// 5 s, 10 s, 20 s … up to four hours.
pub fn backoff_seconds(attempts: u32) -> i64 {
    let doublings = attempts.saturating_sub(1).min(12);
    (5_i64 << doublings).min(4 * 3600)
}
