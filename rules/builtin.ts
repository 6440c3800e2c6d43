/**
 * The rules an installation starts with, one set per storage profile (docs/rules.md, "Built-in rules").
 *
 * Limits are the profiles'. Ten minutes beyond a limit is an excursion: shorter ones are what an open door or a defrost
 * does to the air, not to the goods. Half a degree of hysteresis keeps a value that wavers at the limit in one finding,
 * and a quarter of an hour of firing on joins what comes back at once. What is too warm while the device reports a defrost is not
 * counted, for 45 minutes at most.
 *
 * WHO type I: the alarms of an electronic shipping indicator for vaccines that must not freeze: 45 °C or more for 1 h and
 * -0.5 °C or less for 1 h in one piece, 30 °C or more for 10 h in all (WHO/PQS/E006/TR07; the same in WHO/IVB/05.23). Type II,
 * for vaccines that may freeze, has no lower limit, and 10 °C or more for 20 h in all. What WHO calls a single event is a
 * threshold, what it sums over the journey is of kind cumulative.
 *
 * Goods whose product says what it stands out of range (stability budget) have used it up, or will have by arrival at the pace of
 * the last six hours.
 *
 * What moves past its expiry stops, whatever its papers say. A door or antenna that reads less and less is mended before its misses
 * become shortages; until twenty passes are known nothing is said of it.
 *
 * Beside temperature: 60 %RH is what WHO gives for goods to be protected from moisture in normal storage (WHO TRS 908,
 * Annex 9); a door open for five minutes is longer than a pallet takes; ten lux is a carton opened, in the dark it travels
 * in; a fifth of a battery is time to change it.
 */
export const BUILTIN_RULES = `rules:
  - id: too-warm-2-8
    kind: threshold
    metric: temperature
    above: 8
    clearAbove: 7.5
    for: 10m
    keepFiringFor: 15m
    unless: { metric: defrost, above: 0, atMost: 45m }
    severity: critical
    appliesTo: profile == "2-8C"
    summary: "{{device}} above {{limit}} °C for {{duration}}, at most {{extreme}} °C"
  - id: too-cold-2-8
    kind: threshold
    metric: temperature
    below: 2
    clearBelow: 2.5
    for: 10m
    keepFiringFor: 15m
    severity: critical
    appliesTo: profile == "2-8C"
    summary: "{{device}} below {{limit}} °C for {{duration}}, at least {{extreme}} °C"
  - id: frozen-2-8
    kind: threshold
    metric: temperature
    below: 0
    severity: critical
    appliesTo: profile == "2-8C"
    summary: "{{device}} below freezing, {{extreme}} °C"
  - id: too-warm-15-25
    kind: threshold
    metric: temperature
    above: 25
    clearAbove: 24.5
    for: 30m
    keepFiringFor: 15m
    unless: { metric: defrost, above: 0, atMost: 45m }
    severity: warning
    appliesTo: profile == "15-25C"
    summary: "{{device}} above {{limit}} °C for {{duration}}, at most {{extreme}} °C"
  - id: too-cold-15-25
    kind: threshold
    metric: temperature
    below: 15
    clearBelow: 15.5
    for: 30m
    keepFiringFor: 15m
    severity: warning
    appliesTo: profile == "15-25C"
    summary: "{{device}} below {{limit}} °C for {{duration}}, at least {{extreme}} °C"
  - id: too-warm-crt
    kind: threshold
    metric: temperature
    above: 30
    clearAbove: 29.5
    for: 30m
    keepFiringFor: 15m
    unless: { metric: defrost, above: 0, atMost: 45m }
    severity: critical
    appliesTo: profile == "CRT"
    summary: "{{device}} above {{limit}} °C for {{duration}}, at most {{extreme}} °C"
  - id: too-cold-crt
    kind: threshold
    metric: temperature
    below: 15
    clearBelow: 15.5
    for: 30m
    keepFiringFor: 15m
    severity: warning
    appliesTo: profile == "CRT"
    summary: "{{device}} below {{limit}} °C for {{duration}}, at least {{extreme}} °C"
  - id: too-warm-frozen
    kind: threshold
    metric: temperature
    above: -15
    clearAbove: -15.5
    for: 10m
    keepFiringFor: 15m
    unless: { metric: defrost, above: 0, atMost: 45m }
    severity: critical
    appliesTo: profile == "frozen"
    summary: "{{device}} above {{limit}} °C for {{duration}}, at most {{extreme}} °C"
  - id: too-warm-ultra-cold
    kind: threshold
    metric: temperature
    above: -60
    clearAbove: -61
    for: 10m
    keepFiringFor: 15m
    unless: { metric: defrost, above: 0, atMost: 45m }
    severity: critical
    appliesTo: profile == "ultra-cold"
    summary: "{{device}} above {{limit}} °C for {{duration}}, at most {{extreme}} °C"
  - id: who-type-1-hot
    kind: threshold
    metric: temperature
    atOrAbove: 45
    for: 1h
    severity: critical
    appliesTo: profile == "WHO-type-I"
    summary: "{{device}} at 45 °C or more for {{duration}}, at most {{extreme}} °C"
  - id: who-type-1-warm
    kind: cumulative
    atOrAbove: 30
    for: 10h
    severity: critical
    appliesTo: profile == "WHO-type-I"
    summary: "{{count}} serials of {{shipment}} at 30 °C or more for 10 h in all"
  - id: who-type-1-freezing
    kind: threshold
    metric: temperature
    atOrBelow: -0.5
    for: 1h
    severity: critical
    appliesTo: profile == "WHO-type-I"
    summary: "{{device}} at -0.5 °C or less for {{duration}}, at least {{extreme}} °C"
  - id: who-type-2-hot
    kind: threshold
    metric: temperature
    atOrAbove: 45
    for: 1h
    severity: critical
    appliesTo: profile == "WHO-type-II"
    summary: "{{device}} at 45 °C or more for {{duration}}, at most {{extreme}} °C"
  - id: who-type-2-warm
    kind: cumulative
    atOrAbove: 30
    for: 10h
    severity: critical
    appliesTo: profile == "WHO-type-II"
    summary: "{{count}} serials of {{shipment}} at 30 °C or more for 10 h in all"
  - id: who-type-2-cool
    kind: cumulative
    atOrAbove: 10
    for: 20h
    severity: critical
    appliesTo: profile == "WHO-type-II"
    summary: "{{count}} serials of {{shipment}} at 10 °C or more for 20 h in all"
  - id: budget-used
    kind: budget
    severity: critical
  - id: budget-runs-out
    kind: budgetForecast
    window: 6h
    severity: warning
  - id: too-humid
    kind: threshold
    metric: humidity
    above: 60
    clearAbove: 58
    for: 1h
    keepFiringFor: 15m
    severity: warning
    appliesTo: profile == "15-25C" || profile == "CRT"
    summary: "{{device}} above {{limit}} %RH for {{duration}}, at most {{extreme}} %RH"
  - id: door-open
    kind: threshold
    metric: door
    above: 0
    for: 5m
    gap: worst
    severity: warning
    appliesTo: profile != ""
    summary: "door of {{device}} open for {{duration}}"
  - id: light
    kind: threshold
    metric: light
    above: 10
    keepFiringFor: 15m
    severity: info
    appliesTo: profile != ""
    summary: "{{device}} saw light, {{extreme}} lux at most: opened?"
  - id: low-battery
    kind: threshold
    metric: battery
    below: 20
    clearBelow: 30
    severity: warning
    appliesTo: profile != ""
    summary: "battery of {{device}} at {{extreme}} %"
  - id: silent
    kind: silence
    metric: temperature
    after: 30m
    severity: warning
    appliesTo: profile != ""
  - id: broken-sensor
    kind: silence
    metric: temperature
    after: 30m
    onlyGood: true
    severity: warning
    appliesTo: profile != ""
    summary: "{{device}} gives no good temperature for {{duration}}: only error codes, steps that no air can make, or one value that does not move"
  - id: unexpected-serials
    kind: unexpected
    atLeast: 1
    severity: warning
  - id: stopped-serials
    kind: blocked
    atLeast: 1
    severity: critical
  - id: past-expiry
    kind: expired
    severity: critical
  - id: weak-reads
    kind: weakReads
    severity: warning
`;
