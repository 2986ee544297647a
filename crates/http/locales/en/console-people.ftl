# People of a shop
console-people-field-q = Address
console-people-field-about = Page or file
console-people-field-page = Page
console-people-field-to = New address
console-people-next = More people
console-people-q-hint = The whole address or its start.
console-people-search = Search
console-people-all = Show everybody
console-people-person = Person
console-people-relations = What they have here
console-people-relation-bought = { $count ->
    [one] bought a page
   *[other] bought { $count } pages
}
console-people-relation-given = { $count ->
    [one] was given a page
   *[other] was given { $count } pages
}
console-people-relation-refunded = { $count ->
    [one] was refunded for a page
   *[other] was refunded for { $count } pages
}
console-people-relation-ended = { $count ->
    [one] lost the access to a page
   *[other] lost the access to { $count } pages
}
console-people-relation-free-login = signed in to read a free page
console-people-relation-group-buy = joined a group buy
console-people-relation-allowlist = is on the list of a file
console-people-relation-payment = began a payment that has opened nothing so far
console-people-relation-former = has nothing here now, but had something to do with a page before
console-people-relation-mailed = bought and opened nothing; a mail was sent to this address
console-people-empty = Everybody who buys a page, signs in to read one, joins a group buy or is on the list of a file appears here. You can also give somebody access without payment.
console-people-none = Nobody here has an address that starts like this.
console-people-stranger = { $email } has never been here.
console-people-stranger-text = Nothing in this shop was bought, given or read with this address. Is it spelt right?
console-people-stranger-ask = See what this address could open

# A person
console-people-back = All people
console-people-listed-only = This person is known here, and has neither bought, opened nor joined anything of this shop yet.
console-people-known = This person { $relations }.
console-people-returned = Mails to this address come back. Is it spelt right? As soon as its owner signs in by mail, this is forgotten.
console-people-complained = The owner of this address called a mail unwanted, so that mails that you cause are not sent there. Receipts and the sign-in links that they ask for are sent all the same.
console-people-mails = Mails to this address
console-people-link = Send a sign-in link
console-people-link-to = Send a sign-in link to “{ $page }”
console-people-moved-from = Purchases came here from
console-people-moved-to = Purchases went from here to
console-people-waiting-to = A change of address waits until it is confirmed by mail. Until then nothing moves from here to
console-people-waiting-from = A change of address waits until it is confirmed by the mail to this address. Until then nothing comes here from
console-people-waiting-since = You asked for it:
console-people-waiting-until = Its link ends:
console-people-call-off = Call it off
console-people-stopped = This person wants no more mails that you cause, such as sign-in links and those about gifts and changes of address. Sign-in links that they ask for, receipts and what else concerns their payments still arrive, and offers of group buys that they joined.
console-people-move = Change the address
console-people-page = Page
console-people-file = File
console-people-open = Can open it
console-people-closed = Cannot open it
console-people-file-of-page = This file opens together with its page, “{ $page }”.
console-people-rule-own-public-page = This is your own public page, so everybody can read it.
console-people-rule-own-page = This is your own page, so you can read it.
console-people-rule-unpublished-but-bought = The page is not published, but it stays open to this person, whose purchase or gift still counts.
console-people-rule-unpublished = The page is not published, and this person has no purchase or gift that still counts.
console-people-rule-public-page = The page is public, so everybody can read it.
console-people-rule-sign-in-first = The page asks everybody to sign in first.
console-people-rule-free-with-login = The page is free for everybody who signs in.
console-people-rule-bought = The page is for sale, and this person has a purchase or gift that counts.
console-people-rule-not-bought = The page is for sale, and this person has no purchase or gift that counts.
console-people-closed-disputed = The page is for sale. This person bought it, and the bank disputes the payment, so it is closed until that is decided.
console-people-closed-quarantined = The page is for sale. This person paid for it, but the payment does not match its order, so it opened nothing.
console-people-closed-failed = The page is for sale. This person paid for it, but the payment failed, so it opened nothing.
console-people-closed-refunded = The page is for sale. This person bought it, and the payment was refunded, so it is closed.
console-people-closed-lost = The page is for sale. This person bought it, and the bank gave the money back after a dispute, so it is closed.
console-people-closed-taken-back = The page is for sale. This person had it as a gift, and the gift was taken back.
console-people-closed-moved = The page is for sale. What this person had of it is at another address, since the address was changed.
console-people-rule-payment-pending = The page is for sale, and this person has paid, but the money is still on its way.
console-people-rule-public-file = The file is public, so everybody can download it.
console-people-rule-page-gone = The page that this file belonged to was deleted, so only you can download it.
console-people-rule-own-file = This is your own file, so you can download it.
console-people-rule-sign-in-to-be-listed = The file is for the people on its list, who have to sign in first.
console-people-rule-listed = The file is for the people on its list, and this person is on it.
console-people-rule-not-listed = The file is for the people on its list, and this person is not on it.
console-people-signed-out-same = It is the same while they are not signed in.
console-people-signed-out-open = It is open to them without signing in, too.
console-people-signed-out-closed = It stays closed while they are not signed in.
console-people-signed-out-page-asks = While they are not signed in, they see the teaser and are asked to sign in.
console-people-signed-out-file-asks = While they are not signed in, they are asked to sign in before they can download it.
console-people-signed-out-no-page = While they are not signed in, they are told that there is no such page.
console-people-signed-out-no-file = While they are not signed in, they are told that there is no such file.
console-people-purchases = Purchases and gifts
console-people-got-purchase = Bought for { $amount }
console-people-got-group-buy = Bought in a group buy for { $amount }
console-people-got-gift = Given by you
console-people-status-active = Active
console-people-status-refunded = Refunded
console-people-status-ended = Ended
console-people-status-suspended = Paused: the bank disputes the payment
console-people-receipt = Send the receipt again
console-people-quarantined = A payment arrived that does not match its order of { $amount }, so it opened nothing. Refund it in Stripe, or give access: for three days the person is asked to wait for that instead of paying again.
console-people-pending = A payment of { $amount } is on its way. The page opens by itself when the money has arrived.
console-people-timeline = What happened
console-people-timeline-empty = Nothing so far.
console-people-fact-purchased = The page was paid for
console-people-fact-group-purchased = The page was paid for in a group buy
console-people-fact-granted = You gave access
console-people-fact-refund-accepted = Stripe accepted a refund
console-people-reason-paid-twice = it was paid for twice
console-people-fact-refund-failed = A refund failed, and the money is back with you
console-people-fact-disputed = The bank disputed the payment, so access was paused
console-people-fact-dispute-won = You won the dispute
console-people-fact-dispute-lost = The dispute was lost, and access ended
console-people-fact-revoked = You took the access back
console-people-fact-moved = What was bought moved from one address to another
console-people-fact-moved-here = What was bought moved here from { $email }
console-people-fact-moved-away = What was bought moved from here to { $email }
console-people-fact-moved-gift = What was given ended here, since { $email } has it already, where the rest moved
console-people-fact-payment-quarantined = A payment did not match its order, so it opened nothing
console-people-fact-payment-failed = A payment that began then did not arrive, so it opened nothing
console-people-fact-pay-page-opened = A pay page was opened; it is not paid yet
console-people-fact-pay-page-ended = A pay page was opened, and ended without payment
console-people-fact-quarantine-refunded = The payment that did not match went back to the buyer
console-people-fact-quarantine-refund-failed = The refund of the payment that did not match failed, so it is still to be refunded
console-people-fact-quarantine-inquired = The bank asked about the payment that did not match
console-people-fact-quarantine-disputed = The bank disputed the payment that did not match
console-people-fact-quarantine-lost = The dispute about the payment that did not match was lost
console-people-fact-second-payment-held = A second payment for the page is held until you decide
console-people-in-stripe = in Stripe:
console-people-fact-allowlisted = The address was put on the file’s list
console-people-fact-allowlist-removed = The address was taken off the file’s list
console-people-fact-file-deleted = The file was deleted
console-people-would-open = What would open it
console-people-would-close = What would close it
console-people-step-buy = Buying it: see the page
console-people-step-payment-arrives = The money arrives: nothing is left to do for that.
console-people-step-grant = Give access
console-people-step-refund = Refund { $amount } of { $day }
console-people-step-revoke = Take the access back
console-people-step-refund-above = Refunding the payment, with the button above
console-people-step-revoke-above = Taking the gift back, with the button above
console-people-step-win-dispute = Winning the dispute: see it and its evidence
console-people-step-win-disputes = Winning the dispute: answer it in your Stripe account.
console-people-step-publish = Publish the page
console-people-step-archive = Archive the page
console-people-step-make-public = Make the page public
console-people-step-make-free = Make the page free with sign-in
console-people-step-make-paid = Put the page up for sale
console-people-step-allow = Put the address on the list
console-people-step-disallow = Take the address off the list
console-people-step-make-file-public = Make the file public
console-people-more = More pages of this person
console-people-older-sales = Older purchases of this person
console-people-ask-first = Ask about a page or file
console-people-ask = Ask about something else
console-people-about-hint = Says whether this person can open it, and why.
console-people-about-none = Choose a page or file
console-people-ask-button = Ask
console-people-older-files = Older files

# Giving and taking back
console-people-give = Give access
console-people-give-text = The person gets a mail and can open the page for good, without paying. They need not have been here before.
console-people-give-email-hint = They sign in with this address.
console-people-give-no-pages = There is no page yet that you could give access to.
console-people-give-button = Give access
console-people-page-none = Choose a page
console-people-error-page = Please choose a page.
console-people-error-open = “{ $title }” is open already, to everybody or to everybody who signs in, so a gift would change nothing. Choose a page that is for sale or not published.
console-people-revoke-title = Take access back from { $email }?
console-people-revoke-closes = { $email } can no longer open “{ $page }”, starting now.
console-people-revoke-stays = What you gave ends now. { $email } can still open “{ $page }” for another reason.
console-people-revoke-silent = No mail is sent about it. You can give access again at any time.

# Change of address
console-people-move-text = What { $email } has in this shop moves to another address.
console-people-move-first = We mail a link to the new address. It works for 7 days.
console-people-move-then = When its owner confirms, purchases, gifts and places on the lists of files move. Until then nothing changes.
console-people-move-last = Then we tell both addresses.
console-people-move-waits = A change to { $email } waits until it is confirmed. If you name another address now, that change is called off.
console-people-move-button = Mail the link

# Notices
console-people-notice-link = A sign-in link is on its way to { $what }.
console-people-notice-receipt = The receipt is on its way to { $what }.
console-people-notice-allowed = { $what } is on the list now.
console-people-notice-granted = { $what } has access now, and a mail says so.
console-people-notice-untold = { $what } has access now. No mail says so, since they asked for no more mails from you.
console-people-notice-had = { $what } had been given this already. Nothing changed, and no mail was sent.
console-people-notice-revoked = What you gave to { $what } is taken back.
console-people-notice-move = A link is on its way to { $what }. Everything moves once it is confirmed there.
console-people-notice-called-off = The change of address to { $what } is called off. The link that was mailed for it does not work any more.
console-people-notice-refused-another-waits = Nothing was called off: the change that you saw does not wait any more. One to { $what } waits now, and goes on to wait.
console-people-notice-refused-moved = Nothing was done: this moved to { $what } with a change of address.
console-people-notice-refused-another-file = Nothing was done: another file, “{ $what }”, has the address of the one that you saw.
console-people-notice-refused-confirmed = Nothing was called off: the change was confirmed before, and everything has moved to { $what }.
console-people-notice-nothing-waits = No change of { $what } to another address waits any more: it was confirmed or called off, or its link has ended.
console-people-notice-refused-nothing-waits = No change of { $what } to another address waits any more: it was confirmed or called off, or its link has ended.
