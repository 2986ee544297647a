//! Asking for a magic link.

use jiff::Timestamp;

use super::{SignIn, code_parts};
use crate::{
    clock::plus_seconds,
    creators::{Creator, FrontendOrigin, Handle, PageStatus},
    email::Email,
    id::MagicLinkId,
    installation::HostKind,
    language::Language,
    limits::{Admission, Limit},
    links::Destination,
    mail::{HandleTexts, MailAbout, MailContent, NewMail, SecretText, SignInTarget},
    names::HandleName,
    store_error::StoreError,
    token::{Code, Token, TokenHash},
    visitor_auth::{MagicLink, RequestLinkError, ReturnTo, ReturnToError},
};

/// The limit for mails to one address: a burst of three, then one per minute.
const PER_ADDRESS: Limit = Limit::per_minute("link-address", 3, 1);
/// The hourly limit for mails to one address: thirty.
const PER_ADDRESS_HOURLY: Limit = Limit::per_hour("link-address-hour", 30);

/// The limit for mails with the texts of one creator who has sold nothing yet.
const TEXTS: &str = "link-texts";

/// A visitor's request for a magic link.
#[derive(Debug, Clone)]
pub struct LinkRequest<'a> {
    /// The address that the link is sent to.
    pub email: Email,
    /// Where the visitor wants to go after signing in: a path or a URL, not checked yet.
    pub return_to: Option<&'a str>,
    /// The handle on whose host the link was requested, if any.
    pub handle: Option<&'a HandleName>,
    /// The client's network address, as it is counted by limits (IPv6 by /64).
    pub client: &'a str,
    /// The hash of a secret that only the requesting browser has, if it can be told what became of the
    /// link.
    pub browser: Option<TokenHash>,
    /// The language of the mail; `None` if it is the one that is remembered of the address, or else of who sends it.
    pub language: Option<Language>,
}

/// Replaces the creator's own texts: the handle is called by its name in URLs.
fn without_texts(handle: Handle) -> Handle {
    Handle { title: handle.name.to_string(), texts: HandleTexts::default(), ..handle }
}

impl SignIn {
    /// Queues a mail with a new link. The result is the same for known and unknown addresses. Links that
    /// were sent before stay valid.
    pub async fn request_link(&self, request: LinkRequest<'_>) -> Result<(), RequestLinkError> {
        self.send_link(request, None).await
    }

    /// Checks a place to return to as [`request_link`](Self::request_link) does, so that it can be told with other errors.
    pub async fn check_return_to(
        &self,
        text: &str,
        handle: Option<&HandleName>,
    ) -> Result<(), RequestLinkError> {
        let (handle, _) = self.handle_and_proof(handle).await?;
        self.place(text, handle.as_ref().map(|handle| &handle.name)).await.map(drop)
    }

    /// Queues a mail with a new link, which says whether the visitor asked for it or this seller sends it. One that the seller of
    /// the handle sends is a mail that a creator causes.
    pub(crate) async fn send_link(
        &self,
        request: LinkRequest<'_>,
        seller: Option<&Creator>,
    ) -> Result<(), RequestLinkError> {
        let (handle, is_proved) = self.handle_and_proof(request.handle).await?;
        let asked_on = handle.as_ref().map(|handle| handle.name.clone());
        let return_to = match request.return_to {
            Some(text) => Some(self.place(text, asked_on.as_ref()).await?),
            None => None,
        };
        let now = self.runtime.now();
        self.admit_request(&request, seller.is_some(), now).await?;
        let (handle, is_proved) = match &return_to {
            Some(place) if handle.is_none() => self.seller_at(place).await?,
            _ => (handle, is_proved),
        };

        // A seller's own mails have limits of their own.
        let has_texts = is_proved
            && (seller.is_some() || self.may_have_texts(handle.as_ref(), &request.email).await?);
        let handle = if has_texts { handle } else { handle.map(without_texts) };
        let title_of = handle.as_ref().filter(|_| has_texts);
        let (wanted, title) = self.wanted(title_of, return_to.as_ref()).await?;
        let of_seller = seller.map(|seller| &seller.email);
        let language = self.language_of(&request, of_seller).await?;
        let token = Token::new(&*self.runtime.random);
        let code = Code::of(&token);
        let link = self.new_link(&request, &token, &code, return_to, now);
        let content = MailContent::MagicLink {
            link: SecretText(self.address_of(&link, asked_on.as_ref(), &token)),
            code: SecretText(code.reveal().to_owned()),
            // A minute less is said rather than one too many.
            valid_minutes: (self.config.link_seconds / 60).max(1),
            valid_seconds: Some(self.config.link_seconds).filter(|seconds| *seconds < 60),
            seller: handle.as_ref().map(|handle| handle.title.clone()),
            title,
            wanted,
            sent_by_seller: seller.is_some(),
        };
        let mail = match &handle {
            Some(handle) => NewMail::about(handle, request.email, &content),
            None => NewMail::new(request.email, &content),
        };
        let sent_by = seller.zip(handle.as_ref());
        self.store_link(&link, mail.in_language(Some(language)), sent_by).await
    }

    /// Returns the handle of this name, and whether its creator's address is proved. A link leads only to hosts that
    /// exist.
    async fn handle_and_proof(
        &self,
        name: Option<&HandleName>,
    ) -> Result<(Option<Handle>, bool), StoreError> {
        let found = match name {
            Some(name) => self.ports.creators.handle_and_proof(name).await?,
            None => None,
        };
        let (handle, is_proved) = found.unzip();
        Ok((handle, is_proved.unwrap_or_default()))
    }

    /// Returns the handle that sells at a place to return to, if it is one, and whether its creator's address is proved: that of
    /// the host, or the only one that registered the frontend.
    async fn seller_at(&self, place: &ReturnTo) -> Result<(Option<Handle>, bool), StoreError> {
        let name = match (place.host(&self.installation), place.frontend(&self.installation)) {
            (HostKind::Handle(name), _) => Some(name),
            (_, Some(origin)) => self.ports.creators.only_handle_of_origin(&origin).await?,
            _ => None,
        };
        self.handle_and_proof(name.as_ref()).await
    }

    /// Counts the request against the limits of its client, and of its address unless a seller makes it: those mails have limits
    /// of their own, and use up nothing of what visitors may ask for.
    async fn admit_request(
        &self,
        request: &LinkRequest<'_>,
        is_of_seller: bool,
        now: Timestamp,
    ) -> Result<(), RequestLinkError> {
        let per_client = self.config.client_requests_per_minute;
        let per_client = Limit::per_minute("link-client", per_client, per_client);
        let mut limits = vec![(per_client, request.client.to_owned())];
        if !is_of_seller {
            let address = request.email.as_str();
            limits
                .extend([PER_ADDRESS, PER_ADDRESS_HOURLY].map(|limit| (limit, address.to_owned())));
        }
        let admission = self.ports.limits.admit_all(limits, now).await?;
        admission.or_else(|retry_after_seconds| RequestLinkError::Limited { retry_after_seconds })
    }

    /// Returns the language of the mail: the one that was asked for, or what is remembered of the address, or else of the
    /// seller's; English if none is.
    async fn language_of(
        &self,
        request: &LinkRequest<'_>,
        seller: Option<&Email>,
    ) -> Result<Language, StoreError> {
        if let Some(language) = request.language {
            return Ok(language);
        }
        for address in std::iter::once(&request.email).chain(seller) {
            if let Some(language) = self.ports.reads.language_of(address).await? {
                return Ok(language);
            }
        }
        Ok(Language::default())
    }

    fn new_link(
        &self,
        request: &LinkRequest<'_>,
        token: &Token,
        code: &Code,
        return_to: Option<ReturnTo>,
        now: Timestamp,
    ) -> MagicLink {
        let id = MagicLinkId::new(now, &*self.runtime.random);
        MagicLink {
            id,
            token: token.hash(),
            code_fingerprint: self.mails.seal().fingerprint(&code_parts(id, code)),
            email: request.email.clone(),
            attempts: 0,
            created_at: now,
            expires_at: plus_seconds(now, self.config.link_seconds),
            used_at: None,
            return_to,
            asked_by: request.browser,
            confirmed_by: None,
        }
    }

    /// Stores a link and queues its mail, which counts among those that a creator causes if it is sent by one about a handle.
    async fn store_link(
        &self,
        link: &MagicLink,
        mail: NewMail<'_>,
        sent_by: Option<(&Creator, &Handle)>,
    ) -> Result<(), RequestLinkError> {
        let mut unit = self.runtime.begin().await?;
        unit.magic_links().insert(link).await?;
        if let Some((seller, handle)) = sent_by {
            self.mails.admit(&mut *unit, seller.id, 1).await?;
            let about =
                MailAbout { handle: handle.id, name: &handle.name, links: &*self.ports.links };
            self.mails.write_caused(&mut *unit, seller.id, about, mail).await?;
        } else {
            self.mails.write(&mut *unit, mail).await?;
        }
        Ok(unit.commit().await?)
    }

    /// Returns whether a mail that a visitor asks for has the own texts of the handle's creator, whose address is proved. Anybody
    /// can have one sent to anybody: who stopped the mails of the handle does not get the texts, and until the first sale they go
    /// out as often in a day as the creator may cause mails.
    async fn may_have_texts(
        &self,
        handle: Option<&Handle>,
        to: &Email,
    ) -> Result<bool, StoreError> {
        let Some(handle) = handle else { return Ok(false) };
        if self.ports.mails.has_stopped(handle.id, to).await? {
            return Ok(false);
        }
        if self.ports.mails.has_sold(handle.creator_id).await? {
            return Ok(true);
        }
        let most = self.mails.quota().starting;
        if most == 0 {
            return Ok(false);
        }
        let (limit, creator) = (Limit::per_day(TEXTS, most.into()), handle.creator_id.to_string());
        let admission = self.ports.limits.admit(limit, &creator, self.runtime.now()).await?;
        Ok(admission == Admission::Admitted)
    }

    /// Returns what the visitor wants to see at `handle`, with its title if everybody may learn that.
    async fn wanted(
        &self,
        handle: Option<&Handle>,
        place: Option<&ReturnTo>,
    ) -> Result<(SignInTarget, Option<String>), StoreError> {
        let nothing = (SignInTarget::default(), None);
        let (Some(handle), Some(place)) = (handle, place) else { return Ok(nothing) };
        if place.host(&self.installation) != HostKind::Handle(handle.name.clone()) {
            return Ok(nothing);
        }
        let Some(destination) = self.ports.links.destination(&place.path()) else {
            return Ok(nothing);
        };
        let titles = &self.ports.destinations;
        Ok(match destination {
            Destination::Page(slug) => {
                let page = self.ports.creators.page(handle.id, &slug).await?;
                let page = page.filter(|page| page.status == PageStatus::Published);
                (SignInTarget::Page, page.map(|page| page.title))
            }
            Destination::File(slug) => (SignInTarget::File, titles.file(handle, &slug).await?),
            Destination::GroupBuy(slug) => {
                (SignInTarget::GroupBuy, titles.group_buy(handle, &slug).await?)
            }
        })
    }

    /// Returns the place that `text` names, if visitors may be sent there. On the host of a handle, only
    /// frontends of that handle are accepted.
    async fn place(
        &self,
        text: &str,
        handle: Option<&HandleName>,
    ) -> Result<ReturnTo, RequestLinkError> {
        let (place, elsewhere) = ReturnTo::read(text, &self.installation, handle)?;
        match elsewhere {
            Some(origin)
                if !self.ports.creators.is_frontend_origin(&origin, handle.cloned()).await? =>
            {
                Err(ReturnToError.into())
            }
            Some(_) => Ok(place),
            None => match place.host(&self.installation) {
                HostKind::Handle(name)
                    if handle != Some(&name)
                        && self.ports.creators.handle(&name).await?.is_none() =>
                {
                    Err(ReturnToError.into())
                }
                _ => Ok(place),
            },
        }
    }

    /// Returns the registered frontend that `text` leads to, if any. A page that sends a visitor there
    /// has to tell the visitor first.
    pub async fn frontend(
        &self,
        text: &str,
        handle: Option<&HandleName>,
    ) -> Result<Option<FrontendOrigin>, StoreError> {
        let Ok((_, Some(origin))) = ReturnTo::read(text, &self.installation, handle) else {
            return Ok(None);
        };
        let is_registered =
            self.ports.creators.is_frontend_origin(&origin, handle.cloned()).await?;
        Ok(is_registered.then_some(origin))
    }

    /// Returns the URL of the page with the button. It is on the host that the visitor will return to,
    /// so that the cookie is set there even in browsers that do not share cookies between subdomains.
    fn address_of(&self, link: &MagicLink, handle: Option<&HandleName>, token: &Token) -> String {
        let returns_to = link.return_to.as_ref().map(|r| r.host(&self.installation));
        let host = match (&returns_to, handle) {
            (Some(HostKind::Handle(name)), _) | (None | Some(HostKind::Foreign), Some(name)) => {
                Some(name)
            }
            (Some(_), _) | (None, None) => None,
        };
        self.ports.links.verify(host, token)
    }

    /// Mails a new link for the same address and place as a link has, whether or not that can still be redeemed.
    /// Does nothing if the link is not known.
    pub async fn renew(
        &self,
        token: &Token,
        handle: Option<&HandleName>,
        client: &str,
        browser: Option<TokenHash>,
        language: Option<Language>,
    ) -> Result<(), RequestLinkError> {
        let link = self.ports.reads.magic_link(token.hash()).await?;
        let Some(link) = link else { return Ok(()) };
        let return_to = link.return_to.as_ref().map(ReturnTo::as_str);
        let email = link.email.clone();
        self.request_link(LinkRequest { email, return_to, handle, client, browser, language }).await
    }
}
