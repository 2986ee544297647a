//! Builds the use cases from the ports.

use std::sync::Arc;

use super::{Housekeeping, Ports, Settings, StoredDestinations, UseCases};
use crate::{
    access::{Gate, Grants},
    checkout::{
        Checkouts, CheckoutsPorts, Connect, ConnectPorts, Fulfilment, FulfilmentPorts, Receipts,
        ReceiptsPorts,
    },
    creators::{Accounts, AccountsPorts, Administration, Handles, Ownership, Pages},
    disputes::{DisputeCases, Disputes},
    files::{Downloads, FileSweep, Files, FilesPorts},
    group_buys::{GroupBuys, GroupBuysPorts, GroupOffers, GroupOffersPorts},
    mail::{Delivery, MailReports, MailWriter, StopMails},
    moves::{Moves, MovesPorts},
    payments::AccountLanes,
    reconcile::{ProviderEvents, ProviderUpdates, Reconciler},
    refunds::Refunds,
    reports::{Frontends, Reports, Resends, ResendsPorts},
    store::Runtime,
    visitor_auth::{Sessions, SignIn, SignInPorts},
};

impl UseCases {
    /// Builds all use cases.
    pub fn new(ports: &Ports, settings: &Settings) -> Self {
        let build = Build::new(ports, settings);
        let Ports { stores, links, .. } = ports;
        let (run, mails) = (|| build.runtime.clone(), || build.mails.clone());
        let ownership = || build.ownership.clone();

        let sign_in = build.sign_in();
        let gate = Gate::new(run(), stores.access.clone(), stores.creators.clone());
        let fulfilment = build.fulfilment();
        let connect = build.connect();
        let checkouts = build.checkouts(&connect, &fulfilment);
        let disputes = Disputes::new(fulfilment.clone(), stores.disputes.clone());
        let refunds =
            Refunds::new(fulfilment.clone(), disputes.clone(), stores.refunds.clone(), ownership());
        let updates =
            ProviderUpdates::new(fulfilment.clone(), refunds.clone(), disputes, connect.clone());
        Self {
            sessions: Sessions::new(run(), stores.visitor_auth.clone()),
            grants: Grants::new(
                run(),
                ownership(),
                mails(),
                stores.purchases.clone(),
                links.clone(),
            ),
            accounts: build.accounts(),
            administration: Administration::new(run(), stores.creators.clone(), links.clone()),
            handles: Handles::new(run(), stores.creators.clone(), settings.quotas),
            pages: Pages::new(run(), stores.creators.clone(), settings.quotas),
            files: build.files(),
            downloads: Downloads::new(gate.clone(), stores.files.clone(), ports.objects.clone()),
            group_buys: build.group_buys(),
            offers: build.offers(&checkouts),
            events: build.events(&updates),
            reconciler: build.reconciler(&updates, &fulfilment),
            frontends: Frontends::new(stores.creators.clone(), stores.reports.clone()),
            stop_mails: StopMails::new(run(), mails(), stores.outbox.clone()),
            mail_reports: MailReports::new(run(), stores.outbox.clone()),
            reports: build.reports(),
            receipts: build.receipts(),
            dispute_cases: build.dispute_cases(),
            moves: build.moves(),
            resends: build.resends(&sign_in),
            delivery: Delivery::new(run(), stores.outbox.clone(), mails(), ports.mailer.clone()),
            sweep: FileSweep::new(run(), stores.files.clone(), ports.objects.clone()),
            housekeeping: Housekeeping::new(run(), stores.clone()),
            lanes: AccountLanes::default(),
            runtime: run(),
            stores: stores.clone(),
            sign_in,
            gate,
            connect,
            checkouts,
            fulfilment,
            refunds,
            updates,
        }
    }
}

/// What most use cases are built from.
struct Build<'a> {
    ports: &'a Ports,
    settings: &'a Settings,
    runtime: Runtime,
    mails: MailWriter,
    ownership: Ownership,
}

impl<'a> Build<'a> {
    fn new(ports: &'a Ports, settings: &'a Settings) -> Self {
        let runtime = Runtime {
            store: ports.stores.store.clone(),
            clock: ports.clock.clone(),
            random: ports.random.clone(),
        };
        let mails = MailWriter::new(runtime.clone(), settings.seal.clone());
        Self {
            ports,
            settings,
            mails: mails.with_quota(settings.mail_quota),
            ownership: Ownership::new(ports.stores.creators.clone()),
            runtime,
        }
    }

    fn sign_in(&self) -> SignIn {
        let Ports { stores, links, .. } = self.ports;
        SignIn::new(
            self.runtime.clone(),
            SignInPorts {
                reads: stores.visitor_auth.clone(),
                creators: stores.creators.clone(),
                destinations: Arc::new(StoredDestinations::new(
                    stores.creators.clone(),
                    stores.files.clone(),
                    stores.group_buys.clone(),
                )),
                mails: stores.outbox.clone(),
                limits: stores.limits.clone(),
                links: links.clone(),
            },
            self.mails.clone(),
            self.settings.installation.clone(),
            self.settings.sign_in,
        )
    }

    fn accounts(&self) -> Accounts {
        let Ports { stores, passwords, links, .. } = self.ports;
        Accounts::new(
            self.runtime.clone(),
            AccountsPorts {
                reads: stores.creators.clone(),
                limits: stores.limits.clone(),
                passwords: passwords.clone(),
                links: links.clone(),
            },
            self.mails.clone(),
            self.settings.sign_in.client_requests_per_minute,
        )
    }

    fn files(&self) -> Files {
        let ports = FilesPorts {
            reads: self.ports.stores.files.clone(),
            objects: self.ports.objects.clone(),
        };
        Files::new(
            self.runtime.clone(),
            ports,
            self.ownership.clone(),
            self.settings.max_file_bytes,
            self.settings.quotas,
        )
    }

    fn fulfilment(&self) -> Fulfilment {
        let Ports { stores, payments, links, .. } = self.ports;
        let ports = FulfilmentPorts {
            checkout: stores.checkout.clone(),
            purchases: stores.purchases.clone(),
            payments: payments.clone(),
            links: links.clone(),
        };
        Fulfilment::new(self.runtime.clone(), ports, self.mails.clone())
    }

    fn connect(&self) -> Connect {
        let Ports { stores, payments, links, .. } = self.ports;
        let ports = ConnectPorts {
            reads: stores.checkout.clone(),
            creators: stores.creators.clone(),
            outbox: stores.outbox.clone(),
            payments: payments.clone(),
            limits: stores.limits.clone(),
            links: links.clone(),
        };
        Connect::new(self.runtime.clone(), ports, self.mails.clone())
    }

    fn checkouts(&self, connect: &Connect, fulfilment: &Fulfilment) -> Checkouts {
        let Ports { stores, .. } = self.ports;
        let ports = CheckoutsPorts {
            reads: stores.access.clone(),
            purchases: stores.purchases.clone(),
            sessions: stores.visitor_auth.clone(),
            limits: stores.limits.clone(),
        };
        let fee = self.settings.fee_basis_points;
        Checkouts::new(ports, connect.clone(), fulfilment.clone(), fee)
    }

    fn events(&self, updates: &ProviderUpdates) -> ProviderEvents {
        let Ports { stores, payments, .. } = self.ports;
        ProviderEvents::new(
            self.runtime.clone(),
            stores.events.clone(),
            stores.checkout.clone(),
            payments.clone(),
            updates.clone(),
        )
    }

    fn reconciler(&self, updates: &ProviderUpdates, fulfilment: &Fulfilment) -> Reconciler {
        let Ports { stores, payments, .. } = self.ports;
        Reconciler::new(
            self.runtime.clone(),
            stores.sweeps.clone(),
            payments.clone(),
            updates.clone(),
            fulfilment.clone(),
        )
    }

    fn receipts(&self) -> Receipts {
        let Ports { stores, links, .. } = self.ports;
        let ports = ReceiptsPorts {
            reads: stores.purchases.clone(),
            limits: stores.limits.clone(),
            links: links.clone(),
        };
        Receipts::new(self.runtime.clone(), ports, self.ownership.clone(), self.mails.clone())
    }

    fn dispute_cases(&self) -> DisputeCases {
        let Ports { stores, .. } = self.ports;
        DisputeCases::new(
            self.ownership.clone(),
            stores.purchases.clone(),
            stores.checkout.clone(),
            stores.disputes.clone(),
            stores.activity.clone(),
        )
    }

    fn group_buys(&self) -> GroupBuys {
        let Ports { stores, links, .. } = self.ports;
        let ports = GroupBuysPorts {
            reads: stores.group_buys.clone(),
            links: links.clone(),
            quotas: self.settings.quotas,
        };
        GroupBuys::new(self.runtime.clone(), ports, self.ownership.clone(), self.mails.clone())
    }

    fn offers(&self, checkouts: &Checkouts) -> GroupOffers {
        let Ports { stores, links, .. } = self.ports;
        GroupOffers::new(
            self.runtime.clone(),
            GroupOffersPorts {
                reads: stores.group_buys.clone(),
                purchases: stores.purchases.clone(),
                creators: stores.creators.clone(),
                links: links.clone(),
                mails: self.mails.clone(),
            },
            checkouts.clone(),
        )
    }

    fn reports(&self) -> Reports {
        let Ports { stores, clock, .. } = self.ports;
        let (files, reports) = (stores.files.clone(), stores.reports.clone());
        Reports::new(clock.clone(), self.ownership.clone(), files, reports)
    }

    fn moves(&self) -> Moves {
        let Ports { stores, links, .. } = self.ports;
        let ports = MovesPorts {
            reads: stores.moves.clone(),
            limits: stores.limits.clone(),
            links: links.clone(),
        };
        Moves::new(self.runtime.clone(), self.ownership.clone(), ports, self.mails.clone())
    }

    fn resends(&self, sign_in: &SignIn) -> Resends {
        let Ports { stores, links, .. } = self.ports;
        let ports = ResendsPorts {
            reads: stores.outbox.clone(),
            reports: stores.reports.clone(),
            limits: stores.limits.clone(),
            links: links.clone(),
            mails: self.mails.clone(),
            sign_in: sign_in.clone(),
            receipts: self.receipts(),
        };
        Resends::new(self.runtime.clone(), ports, self.ownership.clone())
    }
}
