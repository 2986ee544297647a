//! What surrounds the content of every page: who sells, who is signed in, and what a link to the page shows
//! elsewhere.

use tollgate_domain::{creators::Handle, email::Email, visitor_auth::Visitor};

use crate::{
    links::{ACCESS, PICTURE},
    state::Http,
};

/// The surroundings of a page.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    /// The storefront whose host it is.
    pub(super) seller: Option<Seller>,
    /// The address of the visitor who is signed in.
    pub(super) visitor: Option<String>,
    /// The path of this page, to return to after signing in or out.
    pub(super) here: String,
    /// The origin of the root host.
    pub(super) origin: String,
    /// The address of "my access".
    pub(super) access: String,
    /// What has just happened.
    pub(super) notice: Option<String>,
    /// Set on pages that search engines may list.
    pub(super) card: Option<Card>,
    /// The address of a picture of what is shown.
    pub(super) picture: Option<String>,
}

/// A storefront as every page of its host names it.
#[derive(Debug, Clone)]
pub(super) struct Seller {
    name: String,
    support: Option<Email>,
}

/// What search engines and messengers show of a page.
#[derive(Debug, Clone)]
pub(super) struct Card {
    pub(super) address: String,
    pub(super) title: String,
    pub(super) description: String,
}

impl Frame {
    /// Creates the surroundings of a page at this path, for nobody yet.
    pub(super) fn new(http: &Http, here: impl Into<String>) -> Self {
        let origin = http.installation.origin();
        let access = format!("{origin}{ACCESS}");
        Self { here: here.into(), access, origin, ..Self::default() }
    }

    /// Names the storefront.
    pub(super) fn of(mut self, handle: &Handle) -> Self {
        let support = handle.texts.support_email.clone();
        self.seller = Some(Seller { name: handle.title.clone(), support });
        self
    }

    /// Names the picture of what is shown, which has this path on the host. The caller knows that everybody may open it.
    pub(super) fn with_picture(mut self, path: Option<&str>) -> Self {
        self.picture = path.map(|path| format!("{}{path}", self.origin));
        self
    }

    /// Names the picture of the shop, if it has chosen one. Whether everybody may open it is looked up where that leads, so
    /// that no page has to ask for it.
    pub(super) fn with_picture_of(mut self, http: &Http, handle: &Handle) -> Self {
        let address = format!("{}{PICTURE}", http.installation.handle_origin(&handle.name));
        self.picture = handle.picture.is_some().then_some(address);
        self
    }

    /// Names the visitor.
    pub(super) fn seen_by(mut self, visitor: Option<&Visitor>) -> Self {
        self.visitor = visitor.map(|visitor| visitor.email.shown());
        self
    }

    /// Lets search engines list the page.
    pub(super) fn listed(mut self, card: Card) -> Self {
        self.card = Some(card);
        self
    }

    /// Says once what has just happened.
    pub(super) fn telling(mut self, notice: Option<String>) -> Self {
        self.notice = notice;
        self
    }

    /// Returns the name in the header.
    pub(super) fn brand(&self) -> &str {
        self.seller.as_ref().map_or("Tollgate", |seller| &seller.name)
    }

    /// Returns whether anything stands at the foot of the page.
    pub(super) fn has_footer(&self) -> bool {
        self.seller.is_some() || self.visitor.is_some()
    }

    /// Returns where visitors can ask for help.
    pub(super) fn support(&self) -> Option<&Email> {
        self.seller.as_ref()?.support.as_ref()
    }
}
