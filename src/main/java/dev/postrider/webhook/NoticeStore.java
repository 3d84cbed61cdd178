package dev.postrider.webhook;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** All SQL on notices. */
@Repository
public class NoticeStore {
  private final JdbcClient jdbc;

  public NoticeStore(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** From one number to another, both included. */
  record Range(long first, long last) {}

  /** Returns the new ids. */
  List<Long> insert(long endpoint, List<Range> ranges) {
    return jdbc.sql(
            """
            insert into notices (endpoint_id, next_seq, last_seq)
            select :endpoint, first, last
              from unnest(:firsts::bigint[], :lasts::bigint[]) as t (first, last)
            returning notice_id
            """)
        .param("endpoint", endpoint)
        .param("firsts", ranges.stream().mapToLong(Range::first).toArray())
        .param("lasts", ranges.stream().mapToLong(Range::last).toArray())
        .query((row, _) -> row.getLong("notice_id"))
        .list();
  }

  List<Notice> find(Collection<Long> ids) {
    return jdbc.sql("select * from notices where notice_id = any (:ids::bigint[])")
        .param("ids", ids.stream().mapToLong(Long::longValue).toArray())
        .query(NoticeStore::notice)
        .list();
  }

  /** How many wait for each of these, up to {@code most}. */
  Map<Long, Integer> count(Collection<Long> endpoints, int most) {
    Map<Long, Integer> counts = new HashMap<>();
    jdbc.sql(
            """
            select id, (select count(*) from (select from notices
                                               where endpoint_id = id limit :most) waiting) as n
              from unnest(:ids::bigint[]) as t (id)
            """)
        .param("ids", endpoints.stream().mapToLong(Long::longValue).toArray())
        .param("most", most)
        .query(row -> {
          counts.put(row.getLong("id"), row.getInt("n"));
        });
    return counts;
  }

  boolean hasMoreThan(long endpoint, int many) {
    return jdbc.sql(
            """
            select count(*) > :many as more from (
              select 1 from notices where endpoint_id = :endpoint limit :many + 1) waiting
            """)
        .param("endpoint", endpoint)
        .param("many", many)
        .query((row, _) -> row.getBoolean("more"))
        .single();
  }

  void shrink(long id, Range left) {
    jdbc.sql("update notices set next_seq = :next, last_seq = :last where notice_id = :id")
        .param("id", id)
        .param("next", left.first())
        .param("last", left.last())
        .update();
  }

  void delete(long id) {
    jdbc.sql("delete from notices where notice_id = :id").param("id", id).update();
  }

  List<Long> idsOf(long endpoint) {
    return jdbc.sql("select notice_id from notices where endpoint_id = :endpoint")
        .param("endpoint", endpoint)
        .query((row, _) -> row.getLong("notice_id"))
        .list();
  }

  void deleteAll(long endpoint) {
    jdbc.sql("delete from notices where endpoint_id = :endpoint")
        .param("endpoint", endpoint)
        .update();
  }

  private static Notice notice(ResultSet row, int ignored) throws SQLException {
    return new Notice(
        row.getLong("notice_id"),
        row.getLong("endpoint_id"),
        row.getLong("next_seq"),
        row.getLong("last_seq"));
  }
}
