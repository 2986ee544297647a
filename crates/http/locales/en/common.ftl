size-bytes = { $count ->
    [one] 1 byte
   *[other] { $count } bytes
}
