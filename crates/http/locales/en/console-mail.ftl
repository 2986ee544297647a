# The log of mails
console-mail-text = Every mail about this shop. “Sent” means that the mail server took it; it can still be in the spam folder.
console-mail-field-q = Address
console-mail-q-hint = The whole address or its start.
console-mail-search = Search
console-mail-all = Show all mails
console-mail-none = No mail went to an address that starts like this.
console-mail-empty = Sign-in links, receipts and all other mails about this shop appear here, with what became of them. The first one goes out when somebody signs in, buys or gets access from you.
console-mail-empty-link = Give somebody access
console-mail-kind = Mail
console-mail-to = To
console-mail-you = (you)
console-mail-status = Status
console-mail-again = Again
console-mail-resend = Send again
console-mail-status-queued = On its way
console-mail-status-retried = Will be tried again
console-mail-status-sent = Sent
console-mail-status-dead = Given up
console-mail-attempts = { $count ->
    [0] not tried yet
    [one] one attempt
   *[other] { $count } attempts
}
console-mail-kind-magic-link = Sign-in link
console-mail-kind-verify-email = Confirmation of an account’s address
console-mail-kind-password-reset = Link to a new password
console-mail-kind-confirm-move = Confirmation of a new address
console-mail-kind-moved = Change of address
console-mail-kind-receipt = Receipt
console-mail-kind-payment-failed = Payment that did not come
console-mail-kind-paid-twice = Payment that came twice
console-mail-kind-refunded = Refund
console-mail-kind-granted = Access that you gave
console-mail-kind-refund-not-paid = Refund that could not be paid out
console-mail-kind-refund-failed = Refund that failed
console-mail-kind-payment-quarantined = Payment that does not match
console-mail-kind-payment-matched = Payment that matches after all
console-mail-kind-disputed = Disputed payment
console-mail-kind-dispute-decided = Dispute that was decided
console-mail-kind-access-disputed = Dispute: what becomes of the access
console-mail-kind-account-closed = No payments possible
console-mail-kind-group-buy-activated = Group buy: the offer
console-mail-kind-group-buy-reached = Group buy: the target is reached
console-mail-kind-group-buy-expired = Group buy: too few joined
console-mail-kind-group-buy-cancelled = Group buy: called off
console-mail-failure-passing = The mail server did not take the mail at that time. That usually passes.
console-mail-failure-recipient = The mail server does not take mails to this address. Is it spelt right?
console-mail-failure-unwanted = This was not sent: a mail to this address came back, or its owner called one unwanted. Sign-in links and receipts are sent all the same.
console-mail-failure-too-late = Its link expired before it could be sent; send a new one.
console-mail-failure-message = The mail server refused the message.
console-mail-failure-server = The mail server could not be reached.
console-mail-failure-other = The mail could not be handed over. If it stays so, tell the operator of this installation.
console-mail-error-forgotten = The text of this mail is no longer kept, so it cannot be sent again.
console-mail-error-over = This mail was not sent again: its link has expired, or the offer that it tells of is over.
console-mail-error-no-access = This mail was not sent again: it says that access was given, and the person no longer has access.
console-mail-notice-resent = The mail is on its way again. In place of a used sign-in link, a new one is sent.
