package dev.postrider.campaign;

import dev.postrider.campaign.PatchedBuild.Patch;
import java.util.List;

/**
 * Planted bugs: each is a build with a few lines changed, a scenario that gives the bug its chance,
 * and the invariant that must turn red. A checker that stays green here is worth nothing.
 */
enum Mutant {
  ACKNOWLEDGES_BEFORE_THE_COMMIT(
      Scenario.KILL_BEHIND_A_SLOW_WIRE,
      Invariant.NOTHING_IS_LOST,
      new Patch(
          "message/AcceptMessages.java",
          "CommitMessages.Outcome outcome = await(unit);",
          "group.submit(unit); CommitMessages.Outcome outcome = new CommitMessages.Outcome.Stored();")),

  FINISHES_WITHOUT_THE_TOKEN(
      Scenario.CUT_OFF,
      Invariant.ATTEMPTS_ADD_UP,
      new Patch(
          "queue/JobStore.java",
          """
                       where j.kind = t.kind and j.id = t.id and j.token = t.token
                      returning j.token
          """,
          """
                       where j.kind = t.kind and j.id = t.id
                      returning t.token
          """),
      // The journal's key is a second fence: with it alone most late finishes fail, too.
      new Patch(
          "delivery/AttemptStore.java",
          "                      outcome, code, detail, retry_at, provider_message_id)\n            \"\"\")",
          "                      outcome, code, detail, retry_at, provider_message_id)\n"
              + "            on conflict do nothing\n            \"\"\")")),

  CALLS_FOR_WHAT_IT_HAS_LOST(
      Scenario.FROZEN,
      Invariant.HELD_MESSAGES_ARRIVE_AT_MOST_ONCE,
      // Each holds the line alone.
      new Patch(
          "delivery/DeliverMessages.java",
          "boolean tooLate = dispatcher.isTooLate(job) || dispatcher.mustGoBack(job);",
          "boolean tooLate = dispatcher.mustGoBack(job);"),
      new Patch(
          "delivery/DeliverMessages.java",
          "if ((mark || renew) && !queue.begin(job, lease, mark)) {",
          "if ((mark || renew) && !queue.begin(job, lease, mark) && lease.isNegative()) {")),

  RESCUES_WHAT_IS_ALIVE(
      Scenario.SLOW_PROVIDER,
      Invariant.A_LIVE_JOB_IS_LEFT_ALONE,
      new Patch(
          "queue/JobStore.java",
          "where kind = :kind and token is not null and lease_until < now()\n               order by",
          "where kind = :kind and token is not null and claimed_at < now() - interval '1 s'\n"
              + "               order by")),

  NEVER_RESCUES(
      Scenario.KILLED_AT_WORK,
      Invariant.NO_LEASE_IS_LEFT,
      new Patch(
          "queue/JobStore.java",
          "where kind = :kind and token is not null and lease_until < now()\n               order by",
          "where kind = :kind and token is not null and lease_until < now() - interval '1 day'\n"
              + "               order by")),

  FORGETS_SOME_ENDS(
      Scenario.BUSY,
      Invariant.EVERYTHING_ENDS_ONCE,
      new Patch(
          "delivery/SettleDeliveries.java",
          "winners.stream().map(Settlement::move).filter(Objects::nonNull).toList();",
          "winners.stream().map(Settlement::move)"
              + ".filter(it -> it != null && it.messageId() % 5 > 0).toList();")),

  ENDS_WHAT_HAS_ENDED(
      Scenario.FAILS_LATER,
      Invariant.AN_END_IS_AN_END,
      new Patch(
          "message/ProgressStore.java",
          "dispatch = case when ${arrived} then 'handed_off' else m.dispatch end,",
          "dispatch = case when ${arrived} then 'handed_off' when :kind = 'failed' then 'failed'"
              + " else m.dispatch end,")),

  GIVES_UP_WHAT_IS_PUT_OFF(
      Scenario.TOLD_TO_WAIT,
      Invariant.AN_END_HAS_ITS_CAUSE,
      new Patch(
          "delivery/DeliveryPolicy.java",
          "when scope != Scope.SENDER && situation.isLast() ->",
          "when scope == Scope.SENDER || situation.isLast() ->")),

  SENDS_TWICE(
      Scenario.BUSY,
      Invariant.REPEATS_ARE_EXPLAINED,
      new Patch(
          "delivery/DeliverMessages.java",
          "        return provider.send(outbound);",
          "        provider.send(outbound);\n        return provider.send(outbound);")),

  SENDS_ANOTHER_TEXT(
      Scenario.NEIGHBOURS,
      Invariant.NOTHING_COMES_FROM_NOWHERE,
      new Patch(
          "channel/waha/WahaProvider.java",
          "body.put(\"text\", content.text());",
          "body.put(\"text\", content.text() + \" \");")),

  SENDS_TO_ANOTHER_NUMBER(
      Scenario.NEIGHBOURS,
      Invariant.NOTHING_COMES_FROM_NOWHERE,
      new Patch(
          "channel/waha/WahaProvider.java",
          "body.put(\"chatId\", chat.chatId());",
          "body.put(\"chatId\", chat.chatId().replace(\"7@\", \"8@\"));")),

  SENDS_FOR_ANOTHER(
      Scenario.NEIGHBOURS,
      Invariant.APPLICATIONS_ARE_APART,
      new Patch(
          "delivery/DeliverMessages.java",
          "apps.sender(message.sender()).orElse(null)",
          "apps.sender(new SenderId(1)).orElse(null)")),

  LETS_ALL_OF_A_LINE_GO(
      Scenario.IN_ONE_LINE,
      Invariant.ORDER_IS_KEPT,
      new Patch(
          "queue/Orders.java",
          "    if (task.job().orderKey() == 0) {",
          "    if (task.job().orderKey() > Long.MIN_VALUE) {")),

  SENDS_AFTER_ITS_DEADLINE(
      Scenario.DOWN_UNTIL_IT_IS_TOO_LATE,
      Invariant.NEVER_LATE,
      new Patch(
          "delivery/DeliverMessages.java",
          "if (!parked && !now.isBefore(message.expiresAt())) {",
          "if (!parked && now.isBefore(Instant.EPOCH)) {"),
      // What waits for its circuit is looked at meanwhile: each holds the line alone.
      new Patch(
          "delivery/ExpireHeld.java",
          "resting.read(without(others, deliveries.restingLanes()));",
          "without(others, deliveries.restingLanes());")),

  STORES_ANOTHER_DEADLINE(
      Scenario.DOWN_UNTIL_IT_IS_TOO_LATE,
      Invariant.NEVER_LATE,
      new Patch(
          "message/AcceptStore.java",
          "expiresAts[i] = message.expiresAt().toString();",
          "expiresAts[i] = message.expiresAt().plusSeconds(3600).toString();")),

  EXPIRES_WHAT_HAS_TIME(
      Scenario.PROVIDER_DOWN,
      Invariant.AN_END_HAS_ITS_CAUSE,
      new Patch(
          "message/AcceptStore.java",
          "expiresAts[i] = message.expiresAt().toString();",
          "expiresAts[i] = java.time.Instant.now().plusSeconds(1).toString();")),

  WRITES_THE_TRAIL_BACKWARDS(
      Scenario.BUSY,
      Invariant.TRAILS_GO_FORWARD_IN_TIME,
      new Patch(
          "message/ProgressStore.java",
          "select message_id, version, app_id, clock_timestamp(), event, was, next,",
          "select message_id, version, app_id, now() - interval '1 minute', event, was, next,")),

  GIVES_BACK_AND_COUNTS_IT(
      Scenario.STOP,
      Invariant.ATTEMPTS_ADD_UP,
      new Patch(
          "queue/JobStore.java",
          "attempt = j.attempt - case when t.back then 1 else 0 end",
          "attempt = j.attempt")),

  TAKES_A_KEY_TWICE(
      Scenario.TWINS,
      Invariant.A_KEY_MEANS_ONE_THING,
      new Patch(
          "platform/idempotency/IdempotencyStore.java",
          "on conflict do nothing",
          "on conflict (scope, key) do update set body = excluded.body")),

  DOES_NOT_COMPARE_FINGERPRINTS(
      Scenario.REUSED_KEY,
      Invariant.A_KEY_MEANS_ONE_THING,
      new Patch(
          "platform/idempotency/IdempotencyKey.java",
          "return MessageDigest.isEqual(fingerprint, otherFingerprint);",
          "return otherFingerprint.length > 0;")),

  REFUSES_WHAT_IT_HAS_STORED(
      Scenario.ASKED_AGAIN_TOO_LATE,
      Invariant.A_KEY_MEANS_ONE_THING,
      new Patch(
          "message/AcceptMessages.java",
          "StoredAnswer known = replay(key);\n      if (known == null) {",
          "StoredAnswer known = replay(null);\n      if (known == null) {")),

  TAKES_SENT_FOR_DELIVERED(
      Scenario.WILD_RECEIPTS,
      Invariant.RECEIPTS_DECIDE_THE_STATUS,
      new Patch(
          "message/ProgressStore.java",
          "case SENT -> \"sent_at\";",
          "case SENT -> \"delivered_at\";")),

  PASSES_OVER_FAILURES(
      Scenario.FAILS_LATER,
      Invariant.RECEIPTS_DECIDE_THE_STATUS,
      new Patch(
          "channel/waha/WahaReceipts.java", "case -1 -> Receipt.Kind.FAILED;", "case -1 -> null;")),

  WRITES_ANOTHER_STATUS_INTO_THE_TRAIL(
      Scenario.WILD_RECEIPTS,
      Invariant.THE_AUDIT_TRAIL_IS_A_PATH,
      new Patch(
          "message/ProgressStore.java",
          "dispatch, status_to, told_detail",
          "dispatch, 'sent', told_detail")),

  LETS_THE_LAST_RECEIPT_WIN(
      Scenario.WILD_RECEIPTS,
      Invariant.RECEIPTS_DECIDE_THE_STATUS,
      new Patch(
          "message/ProgressStore.java",
          ": \"sent_at = case when ${arrived} then now() else m.sent_at end,\")",
          ": \"sent_at = m.sent_at,\" + (kind == Receipt.Kind.DELIVERED ? \"read_at = null,\" : \"\"))")),

  TAKES_RECEIPTS_OF_ANOTHER_SENDER(
      Scenario.THIEF,
      Invariant.RECEIPTS_DECIDE_THE_STATUS,
      new Patch(
          "delivery/AttemptStore.java",
          "where sender_id = t.sender and provider_message_id = t.id",
          "where provider_message_id = t.id")),

  BELIEVES_ANY_SIGNATURE(
      Scenario.THIEF,
      Invariant.FORGERIES_ARE_REFUSED,
      new Patch(
          "channel/waha/WahaReceipts.java",
          "if (!algorithm.equals(\"sha512\") || !signed(callback.body(), hex, hmacKey)) {",
          "if (!algorithm.equals(\"sha512\") || hex.equals(hmacKey)) {")),

  CALLS_A_RESET_NOT_SENT(
      Scenario.RESETS,
      Invariant.NOT_SENT_MEANS_NOT_SENT,
      new Patch(
          "channel/egress/EgressClient.java",
          "if (!writing) {",
          "if (!writing || detail != null) {")),

  REPEATS_WHAT_IS_HELD(
      Scenario.RESETS,
      Invariant.HELD_MESSAGES_ARRIVE_AT_MOST_ONCE,
      new Patch(
          "delivery/DeliveryPolicy.java",
          "when situation.hold() ->",
          "when situation.hold() && situation.counted() > 3 ->")),

  IGNORES_RETRY_AFTER(
      Scenario.TOLD_TO_WAIT,
      Invariant.RETRIES_WAIT_AS_TOLD,
      new Patch(
          "delivery/DeliveryPolicy.java",
          "return asked.compareTo(RetryAfter.LONGEST) > 0 ? RetryAfter.LONGEST : asked;",
          "return asked.compareTo(RetryAfter.LONGEST) > 0 ? RetryAfter.LONGEST : Duration.ZERO;")),

  FORGETS_SOME_EVENTS(
      Scenario.BUSY,
      Invariant.EVENTS_TELL_EVERYTHING,
      new Patch(
          "event/RecordEvents.java",
          "    for (StatusChange change : changes) {",
          "    for (StatusChange change : changes) { if (change.messageId() % 3 == 0) { continue; }")),

  TELLS_ANOTHER_APPLICATION(
      Scenario.NEIGHBOURS,
      Invariant.EVENTS_TELL_EVERYTHING,
      new Patch(
          "event/RecordEvents.java",
          "add(byApp, change.app(), draft(type, change))",
          "add(byApp, changes.getFirst().app(), draft(type, change))")),

  SENDS_BEFORE_ITS_TIME(
      Scenario.SCHEDULED,
      Invariant.NEVER_EARLY,
      new Patch(
          "queue/JobStore.java",
          "coalesce(run_at, now()), coalesce(run_at, now()),",
          "coalesce(null, now()), coalesce(run_at, now()),")),

  COUNTS_MOST_OF_IT(
      Scenario.BUSY,
      Invariant.COUNTS_EQUAL_ROWS,
      new Patch(
          "stats/CountChanges.java",
          "if (change.isTold()) {",
          "if (change.isTold() && change.messageId() % 3 > 0) {")),

  SKIPS_A_LINE_OF_THE_TRAIL(
      Scenario.RESETS,
      Invariant.THE_AUDIT_TRAIL_IS_A_PATH,
      new Patch(
          "message/ProgressStore.java",
          "                     attempt, code, detail\n                from moved",
          "                     attempt, code, detail\n                from moved where code is null")),

  LOGS_FULL_NUMBERS(
      Scenario.RESETS,
      Invariant.LOGS_ARE_CLEAN,
      new Patch(
          "delivery/DeliverMessages.java",
          "() -> Text.masked(outgoing.message().recipient())",
          "() -> outgoing.message().recipient()")),

  GIVES_OUT_PLACES_TWICE_AS_FAST(
      Scenario.PACED,
      Invariant.A_PACE_IS_KEPT,
      new Patch(
          "queue/PaceStore.java", "micros(pace.interval()) +", "micros(pace.interval()) / 2 +")),

  PACES_EACH_NODE_ALONE(
      Scenario.PACED_BY_TWO,
      Invariant.A_PACE_IS_KEPT,
      new Patch(
          "queue/PaceStore.java",
          "private List<Duration> places(long lane, Pace pace, int most) {",
          "private List<Duration> places(long lane, Pace pace, int most) {\n"
              + "    lane = lane * 10000 + ProcessHandle.current().pid() % 10000;")),

  CALLS_WHAT_IS_DOWN(
      Scenario.PROVIDER_DOWN,
      Invariant.AN_OPEN_CIRCUIT_IS_LEFT_ALONE,
      // Who is put off pauses the lane, too: each holds the line alone.
      new Patch(
          "circuit/Circuits.java",
          "return circuit == null || circuit.permits();",
          "return circuit == null || circuit.permits() || true;"),
      new Patch(
          "circuit/Circuits.java",
          "    dispatcher.pause(sender, wait);\n    Circuit.Standing",
          "    Circuit.Standing")),

  KEEPS_A_THREAD_FOR_EACH_MESSAGE(
      Scenario.BUSY,
      Invariant.A_NODE_TAKES_WHAT_IT_MAY,
      new Patch(
          "delivery/DeliverMessages.java",
          "    try (var _ = message.correlation()",
          "    Thread.ofPlatform().daemon().start(java.util.concurrent.locks.LockSupport::park);"
              + " try (var _ = message.correlation()")),

  FORGETS_RETRY_AFTER(
      Scenario.DATABASE_CUT,
      Invariant.THE_API_KEEPS_ITS_WORD,
      new Patch(
          "platform/web/ProblemAdvice.java",
          "    if (wait != null) {",
          "    if (wait != null && wait.toSeconds() > 60) {"));

  private final Scenario scenario;
  private final Invariant fires;

  @SuppressWarnings("ImmutableEnumChecker") // List.of is
  private final List<Patch> patches;

  Mutant(Scenario scenario, Invariant fires, Patch... patches) {
    this.scenario = scenario;
    this.fires = fires;
    this.patches = List.of(patches);
  }

  Scenario scenario() {
    return scenario;
  }

  /** The invariant that this bug breaks. */
  Invariant fires() {
    return fires;
  }

  List<Patch> patches() {
    return patches;
  }
}
