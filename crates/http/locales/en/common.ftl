size-bytes = { $count ->
    [one] 1 byte
   *[other] { $count } bytes
}

# Where a session began.
device-browser = A browser
device-on-system = { $browser } on { $platform }
device-on-apple = { $browser } on { $platform }

# Errors, as pages show them.
problem-start = Back to the start
problem-back = Back to the page
problem-again = Try again
problem-request = Request { $id }
problem-page = This page does not exist or is not published
problem-page-text = The address may be mistyped, or the page may have been taken down. What you bought stays in “My access”.
problem-handle = There is no such shop
problem-handle-text = The address may be mistyped. Check the name before the first full stop.
problem-file = There is no such file
problem-file-text = The address may be mistyped, or the file may have been removed.
problem-group-buy = There is no such group buy
problem-group-buy-text = The address may be mistyped, or it may have been taken down.
problem-nothing = There is nothing here
problem-nothing-text = The address may be mistyped, or what was here is gone.
problem-method = This address cannot be used like that
problem-method-text = Open the page again and use its own buttons.
problem-site = The request comes from another site
problem-site-text = Please open the page here and use its own form.
problem-limited = Too many requests
problem-limited-text = That was a bit much at once. Wait a moment, then try again.
problem-limited-wait = That was a bit much at once. Wait { $wait }, then try again.
problem-busy = Temporarily unavailable
problem-busy-text = We cannot answer right now. Please try again in a moment.
problem-payment = The pay page could not be opened
problem-payment-text = You have not been charged. Please try again in a moment.
problem-sale = Not on sale at the moment
problem-sale-text = The seller cannot take payments at the moment, so this cannot be bought.
problem-large = That was too much
problem-large-text = What was sent is larger than this form takes. Go back and shorten it.
problem-large-limit = What was sent is larger than { $size }, which is the most that this form takes. Go back and shorten it.
problem-fault = Something went wrong
problem-fault-text = It is our fault, and it has been written down. Please try again later.
problem-input = The request cannot be understood
problem-input-text = Something in the address or in the form is not valid. Go back and try again.
problem-other = That did not work
problem-other-text = Go back, reload the page and try again.

# Labels inside texts that creators write.
markdown-table = Table { $number }
markdown-code = Code { $number }
markdown-back = Back to the text, note
