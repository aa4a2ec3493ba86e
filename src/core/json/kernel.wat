;; Skips JSON in this module's memory, 32 bytes at a time within texts, and answers 0 for whatever JSON.parse would
;; refuse, so that nothing that is skipped goes unchecked (UTF-8 is checked elsewhere). Up to 32 bytes past `end` are
;; loaded and ignored. `npm run kernel` assembles this into kernelBytes.ts.
(module
  (memory (export "memory") 1)

  ;; The byte at `at`, 0 from `end` on.
  (func $byte (param $at i32) (param $end i32) (result i32)
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
    (i32.load8_u (local.get $at)))

  ;; The first place from `at` on that is no white space, at most `end`.
  (func $skipSpace (export "skipSpace") (param $at i32) (param $end i32) (result i32)
    (local $byte i32)
    (loop $next
      (local.set $byte (call $byte (local.get $at) (local.get $end)))
      (if (i32.eq (local.get $byte) (i32.const 0x20))
        (then (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $next)))
      (if (i32.or
            (i32.eq (local.get $byte) (i32.const 0x0a))
            (i32.or (i32.eq (local.get $byte) (i32.const 0x0d)) (i32.eq (local.get $byte) (i32.const 0x09))))
        (then (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $next))))
    (local.get $at))

  ;; `at` is an opening quote; the answer is one past the closing quote.
  (func $skipString (export "skipString") (param $at i32) (param $end i32) (result i32)
    (local $low v128)
    (local $high v128)
    (local $mask i32)
    (local $hit i32)
    (local $byte i32)
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (loop $block
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
      ;; bit i is set where byte `at + i` is a quote, a backslash or a control character
      (local.set $low (v128.load (local.get $at)))
      (local.set $high (v128.load (i32.add (local.get $at) (i32.const 16))))
      (local.set $mask
        (i32.or
          (i8x16.bitmask
            (v128.or
              (i8x16.lt_u (local.get $low) (i8x16.splat (i32.const 0x20)))
              (v128.or
                (i8x16.eq (local.get $low) (i8x16.splat (i32.const 0x22)))
                (i8x16.eq (local.get $low) (i8x16.splat (i32.const 0x5c))))))
          (i32.shl
            (i8x16.bitmask
              (v128.or
                (i8x16.lt_u (local.get $high) (i8x16.splat (i32.const 0x20)))
                (v128.or
                  (i8x16.eq (local.get $high) (i8x16.splat (i32.const 0x22)))
                  (i8x16.eq (local.get $high) (i8x16.splat (i32.const 0x5c))))))
            (i32.const 16))))
      (block $done
        (loop $bit
          (br_if $done (i32.eqz (local.get $mask)))
          (local.set $hit (i32.add (local.get $at) (i32.ctz (local.get $mask))))
          (if (i32.ge_u (local.get $hit) (local.get $end)) (then (return (i32.const 0))))
          (local.set $byte (i32.load8_u (local.get $hit)))
          (if (i32.eq (local.get $byte) (i32.const 0x22))
            (then (return (i32.add (local.get $hit) (i32.const 1)))))
          (if (i32.eqz (i32.eq (local.get $byte) (i32.const 0x5c))) (then (return (i32.const 0))))
          ;; most escapes are of newlines and quotes
          (local.set $byte (i32.load8_u (i32.add (local.get $hit) (i32.const 1))))
          (if (i32.eqz
                (i32.or
                  (i32.eq (local.get $byte) (i32.const 0x6e))
                  (i32.eq (local.get $byte) (i32.const 0x22))))
            (then
              (if (i32.eqz (call $isEscape (i32.add (local.get $hit) (i32.const 1)) (local.get $end)))
                (then (return (i32.const 0))))))
          ;; the backslash hides the next byte; where that lies in the next block, the block starts one later
          (if (i32.eq (i32.sub (local.get $hit) (local.get $at)) (i32.const 31))
            (then
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br $done)))
          (local.set $mask
            (i32.and
              (local.get $mask)
              (i32.shl (i32.const -4) (i32.sub (local.get $hit) (local.get $at)))))
          (br $bit)))
      (local.set $at (i32.add (local.get $at) (i32.const 32)))
      (br $block))
    (i32.const 0))

  ;; Whether what follows a backslash is an escape.
  (func $isEscape (param $at i32) (param $end i32) (result i32)
    (local $byte i32)
    (local.set $byte (call $byte (local.get $at) (local.get $end)))
    (if (i32.eq (local.get $byte) (i32.const 0x6e)) (then (return (i32.const 1))))
    (if (i32.eq (local.get $byte) (i32.const 0x22)) (then (return (i32.const 1))))
    (if (i32.eq (local.get $byte) (i32.const 0x5c)) (then (return (i32.const 1))))
    (if (i32.eq (local.get $byte) (i32.const 0x74)) (then (return (i32.const 1))))
    (if (i32.eq (local.get $byte) (i32.const 0x72)) (then (return (i32.const 1))))
    (if (i32.eq (local.get $byte) (i32.const 0x2f)) (then (return (i32.const 1))))
    (if (i32.eq (local.get $byte) (i32.const 0x62)) (then (return (i32.const 1))))
    (if (i32.eq (local.get $byte) (i32.const 0x66)) (then (return (i32.const 1))))
    (if (i32.eqz (i32.eq (local.get $byte) (i32.const 0x75))) (then (return (i32.const 0))))
    (i32.and
      (i32.and
        (call $isHex (call $byte (i32.add (local.get $at) (i32.const 1)) (local.get $end)))
        (call $isHex (call $byte (i32.add (local.get $at) (i32.const 2)) (local.get $end))))
      (i32.and
        (call $isHex (call $byte (i32.add (local.get $at) (i32.const 3)) (local.get $end)))
        (call $isHex (call $byte (i32.add (local.get $at) (i32.const 4)) (local.get $end))))))

  (func $isDigit (param $byte i32) (result i32)
    (i32.lt_u (i32.sub (local.get $byte) (i32.const 0x30)) (i32.const 10)))

  (func $isHex (param $byte i32) (result i32)
    (i32.or
      (call $isDigit (local.get $byte))
      (i32.lt_u (i32.sub (i32.or (local.get $byte) (i32.const 0x20)) (i32.const 0x61)) (i32.const 6))))

  ;; One past the digits from `at` on; 0 where there are none.
  (func $skipDigits (param $at i32) (param $end i32) (result i32)
    (if (i32.eqz (call $isDigit (call $byte (local.get $at) (local.get $end)))) (then (return (i32.const 0))))
    (loop $next
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (call $isDigit (call $byte (local.get $at) (local.get $end)))))
    (local.get $at))

  (func $skipNumber (param $at i32) (param $end i32) (result i32)
    (local $byte i32)
    (if (i32.eq (call $byte (local.get $at) (local.get $end)) (i32.const 0x2d))
      (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    ;; no digit may follow a leading zero
    (if (i32.eq (call $byte (local.get $at) (local.get $end)) (i32.const 0x30))
      (then (local.set $at (i32.add (local.get $at) (i32.const 1))))
      (else
        (local.set $at (call $skipDigits (local.get $at) (local.get $end)))
        (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))))
    (if (i32.eq (call $byte (local.get $at) (local.get $end)) (i32.const 0x2e))
      (then
        (local.set $at (call $skipDigits (i32.add (local.get $at) (i32.const 1)) (local.get $end)))
        (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))))
    (if (i32.eq (i32.or (call $byte (local.get $at) (local.get $end)) (i32.const 0x20)) (i32.const 0x65))
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $byte (call $byte (local.get $at) (local.get $end)))
        (if (i32.or (i32.eq (local.get $byte) (i32.const 0x2b)) (i32.eq (local.get $byte) (i32.const 0x2d)))
          (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
        (local.set $at (call $skipDigits (local.get $at) (local.get $end)))))
    (local.get $at))

  ;; A number, true, false or null.
  (func $skipScalar (param $at i32) (param $end i32) (result i32)
    (local $length i32)
    (if (i32.eq (i32.load (local.get $at)) (i32.const 0x65757274)) (then (local.set $length (i32.const 4))))
    (if (i32.eq (i32.load (local.get $at)) (i32.const 0x6c6c756e)) (then (local.set $length (i32.const 4))))
    (if (i32.eq (i32.load (local.get $at)) (i32.const 0x736c6166))
      (then
        (if (i32.eq (i32.load8_u (i32.add (local.get $at) (i32.const 4))) (i32.const 0x65))
          (then (local.set $length (i32.const 5))))))
    (if (i32.eqz (local.get $length)) (then (return (call $skipNumber (local.get $at) (local.get $end)))))
    (local.set $at (i32.add (local.get $at) (local.get $length)))
    (if (i32.ge_u (local.get $end) (local.get $at)) (then (return (local.get $at))))
    (i32.const 0))

  ;; `at` is a member's name; the answer is where its value starts.
  (func $skipName (param $at i32) (param $end i32) (result i32)
    (if (i32.eqz (i32.eq (call $byte (local.get $at) (local.get $end)) (i32.const 0x22)))
      (then (return (i32.const 0))))
    (local.set $at (call $skipString (local.get $at) (local.get $end)))
    (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))
    (local.set $at (call $skipSpace (local.get $at) (local.get $end)))
    (if (i32.eqz (i32.eq (call $byte (local.get $at) (local.get $end)) (i32.const 0x3a)))
      (then (return (i32.const 0))))
    (call $skipSpace (i32.add (local.get $at) (i32.const 1)) (local.get $end)))

  ;; `at` is the first byte of a value; the answer is one past it. Values nested beyond 60 are left to others.
  (func (export "skipValue") (param $at i32) (param $end i32) (result i32)
    (local $byte i32)
    ;; what is open, innermost last: 1 an object, 0 an array
    (local $open i64)
    (local $depth i32)
    (loop $value
      (local.set $byte (call $byte (local.get $at) (local.get $end)))
      (block $closed
        (block $opened
          (if (i32.eq (local.get $byte) (i32.const 0x22))
            (then
              (local.set $at (call $skipString (local.get $at) (local.get $end)))
              (br $closed)))
          ;; an opening bracket and brace differ by bit 5
          (br_if $opened (i32.eq (i32.or (local.get $byte) (i32.const 0x20)) (i32.const 0x7b)))
          (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
          (local.set $at (call $skipScalar (local.get $at) (local.get $end)))
          (br $closed))
        (if (i32.eq (local.get $depth) (i32.const 60)) (then (return (i32.const 0))))
        (local.set $at (call $skipSpace (i32.add (local.get $at) (i32.const 1)) (local.get $end)))
        ;; empty: the closing one is two further
        (if (i32.eq (call $byte (local.get $at) (local.get $end)) (i32.add (local.get $byte) (i32.const 2)))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $closed)))
        (local.set $depth (i32.add (local.get $depth) (i32.const 1)))
        (local.set $open
          (i64.or
            (i64.shl (local.get $open) (i64.const 1))
            (i64.extend_i32_u (i32.eq (local.get $byte) (i32.const 0x7b)))))
        (if (i32.eq (local.get $byte) (i32.const 0x7b))
          (then
            (local.set $at (call $skipName (local.get $at) (local.get $end)))
            (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))))
        (br $value))
      ;; after a value
      (loop $after
        (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))
        (if (i32.eqz (local.get $depth)) (then (return (local.get $at))))
        (local.set $at (call $skipSpace (local.get $at) (local.get $end)))
        (local.set $byte (call $byte (local.get $at) (local.get $end)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (if (i32.eq (local.get $byte) (i32.const 0x2c))
          (then
            (local.set $at (call $skipSpace (local.get $at) (local.get $end)))
            (if (i32.wrap_i64 (i64.and (local.get $open) (i64.const 1)))
              (then
                (local.set $at (call $skipName (local.get $at) (local.get $end)))
                (if (i32.eqz (local.get $at)) (then (return (i32.const 0))))))
            (br $value)))
        ;; what closes an object is bit 5 above what closes an array
        (if (i32.eqz
              (i32.eq
                (local.get $byte)
                (i32.add
                  (i32.const 0x5d)
                  (i32.shl (i32.wrap_i64 (i64.and (local.get $open) (i64.const 1))) (i32.const 5)))))
          (then (return (i32.const 0))))
        (local.set $open (i64.shr_u (local.get $open) (i64.const 1)))
        (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
        (br $after)))
    (i32.const 0))

  ;; How many newlines stand from `at` to before `end`.
  (func (export "countNewlines") (param $at i32) (param $end i32) (result i32)
    (local $count i32)
    (loop $block
      (if (i32.le_u (i32.add (local.get $at) (i32.const 16)) (local.get $end))
        (then
          (local.set $count
            (i32.add
              (local.get $count)
              (i32.popcnt (i8x16.bitmask (i8x16.eq (v128.load (local.get $at)) (i8x16.splat (i32.const 0x0a)))))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $block))))
    (loop $byte
      (if (i32.lt_u (local.get $at) (local.get $end))
        (then
          (local.set $count
            (i32.add (local.get $count) (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x0a))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $byte))))
    (local.get $count))
)
