# What is known about a disputed purchase
evidence-title = Evidence about the dispute { $id }
evidence-inquiry-title = Evidence about the inquiry { $id }
evidence-sale = { $email } bought “{ $title }” from { $seller } on { $date } and paid { $amount }.
evidence-payment = The payment at Stripe: { $id }
evidence-refunded = { $amount } of it has been refunded.
evidence-delivery = This is digital content, which was open to the buyer from { $date } on. Only the owner of the e-mail address gets in: each sign-in is confirmed by a link or a code that was sent to it and works once.
evidence-signed-in = Signed in:
evidence-viewed = Opened the page:
evidence-downloaded = Downloaded files:
evidence-times = { $count } times, from { $first } to { $last }
evidence-nothing = No view of the page and no download is recorded. The text leaves that out.
