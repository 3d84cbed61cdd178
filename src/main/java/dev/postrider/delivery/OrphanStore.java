package dev.postrider.delivery;

import dev.postrider.channel.Receipt;
import dev.postrider.channel.ReceiptArrived;
import dev.postrider.platform.database.Rows;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** All SQL on orphan_receipts: receipts that came before we knew whose they are. */
@Repository
public class OrphanStore {
  /** How many are looked at, at once. */
  private static final int NEWEST = 10_000;

  private final JdbcClient jdbc;

  public OrphanStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  void keep(List<ReceiptArrived> receipts) {
    jdbc.sql(
            """
            insert into orphan_receipts (sender_id, provider_message_id, kind, at, detail)
            select sender, id, kind, coalesce(at, now()), detail
              from unnest(:senders::bigint[], :ids::text[], :kinds::text[], :ats::timestamptz[],
                          :details::text[]) with ordinality
                as t (sender, id, kind, at, detail, place)
             -- In one order everywhere, so that no two wait for each other; the first counts.
             order by sender, id, kind, place
            on conflict do nothing
            """)
        .param("senders", receipts.stream().mapToLong(ReceiptArrived::senderId).toArray())
        .param("ids", Rows.texts(receipts, it -> it.receipt().providerMessageId()))
        .param("kinds", Rows.texts(receipts, it -> it.receipt().kind().word()))
        .param("ats", Rows.texts(receipts, it -> it.receipt().at()))
        .param("details", Rows.texts(receipts, it -> it.receipt().detail()))
        .update();
  }

  /** Whether one that waits tells that what has this id was sent, and none that it failed. */
  boolean tellsSent(long sender, String providerId) {
    return jdbc.sql(
            """
            select coalesce(bool_and(kind <> 'failed'), false) as sent from orphan_receipts
             where sender_id = :sender and provider_message_id = :id
            """)
        .param("sender", sender)
        .param("id", providerId)
        .query((row, _) -> row.getBoolean("sent"))
        .single();
  }

  /** Takes the receipts that wait for one of these ids. */
  List<ReceiptArrived> adopt(List<Long> senders, List<String> providerIds) {
    return jdbc.sql(
            """
            delete from orphan_receipts o
             using unnest(:senders::bigint[], :ids::text[]) as t (sender, id)
             where o.sender_id = t.sender and o.provider_message_id = t.id
            returning o.*
            """)
        .param("senders", senders.stream().mapToLong(Long::longValue).toArray())
        .param("ids", providerIds.toArray(String[]::new))
        .query(OrphanStore::orphan)
        .list();
  }

  /**
   * Takes receipts whose message is known by now: the receipt and the end of its attempt crossed,
   * each committed before it could see the other. Only the newest are looked at: a crowd of made-up
   * ones must not cost everybody more and more.
   */
  List<ReceiptArrived> adoptCrossed(int limit) {
    return jdbc.sql(
            """
            delete from orphan_receipts o
             where (o.sender_id, o.provider_message_id, o.kind) in (
               select w.sender_id, w.provider_message_id, w.kind from orphan_receipts w
                where w.received_at > now() - interval '10 minutes'
                  and w.received_at >= coalesce(
                        (select received_at from orphan_receipts
                          order by received_at desc offset :newest limit 1), '-infinity')
                  and exists (select 1 from attempts a
                               where a.sender_id = w.sender_id
                                 and a.provider_message_id = w.provider_message_id)
                limit :limit for update skip locked)
            returning o.*
            """)
        .param("newest", NEWEST)
        .param("limit", limit)
        .query(OrphanStore::orphan)
        .list();
  }

  /** Deletes what is older; returns how many rows that were. */
  int forget(Duration age, int most) {
    return jdbc.sql(
            """
            delete from orphan_receipts
             where ctid = any (array(
               select ctid from orphan_receipts
                where received_at < now() - :age * interval '1 second'
                order by received_at limit :most))
            """)
        .param("age", age.toSeconds())
        .param("most", most)
        .update();
  }

  private static ReceiptArrived orphan(ResultSet row, int ignored) throws SQLException {
    return new ReceiptArrived(
        row.getLong("sender_id"),
        new Receipt(
            row.getString("provider_message_id"),
            Receipt.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
            Rows.instant(row, "at"),
            row.getString("detail")));
  }
}
