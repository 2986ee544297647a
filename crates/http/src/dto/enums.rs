//! Enums that several kinds of callers share.

use tollgate_domain::{access, creators};

use crate::text_enum::text_enum;

text_enum! {
    /// What a visitor has to do to see a page: nothing, sign in, or buy it.
    #[schema(example = "PAID")]
    AccessMode = creators::AccessMode {
        Public "PUBLIC", FreeWithLogin "FREE_WITH_LOGIN", Paid "PAID"
    }
}

text_enum! {
    /// What the access is worth now.
    #[schema(example = "ACTIVE")]
    AccessStatus = access::AccessStatus {
        Active "ACTIVE", Refunded "REFUNDED", Revoked "REVOKED", Suspended "SUSPENDED"
    }
}

text_enum! {
    /// What somebody has access to.
    #[schema(example = "PAGE")]
    ResourceType = access::ResourceType { Page "PAGE", File "FILE" }
}

text_enum! {
    /// How a purchase came to be, or that it was refunded.
    GrantType = access::GrantType {
        Purchase "PURCHASE",
        GroupBuy "GROUP_BUY",
        Complimentary "COMPLIMENTARY",
        Refunded "REFUNDED",
    }
}

text_enum! {
    /// Why somebody may or may not have a file: as with pages, or not on the file's list.
    #[schema(example = "entitled")]
    FileReason = access::Reason {
        Public "public",
        VisitorAuthRequired "visitor_auth_required",
        Entitled "entitled",
        PurchaseRequired "purchase_required",
        FileForbidden "file_forbidden",
    }
}
