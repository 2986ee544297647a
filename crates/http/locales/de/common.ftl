size-bytes = { $count ->
    [one] 1 Byte
   *[other] { $count } Byte
}
