package dev.postrider.platform.database;

import java.util.Map;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.web.context.request.RequestContextHolder;

/**
 * The pool in two parts: one for what runs in a request, one for the service's own work, among it
 * the commits that requests wait for. However many requests wait for a lock or a long report, what
 * is on its way goes on (docs/adr/0030).
 */
final class PartedPool extends AbstractRoutingDataSource {
  private enum Part {
    REQUESTS,
    WORK
  }

  PartedPool(DataSource requests, DataSource work) {
    setTargetDataSources(Map.of(Part.REQUESTS, requests, Part.WORK, work));
    setLenientFallback(false);
  }

  @Override
  protected Object determineCurrentLookupKey() {
    return RequestContextHolder.getRequestAttributes() == null ? Part.WORK : Part.REQUESTS;
  }
}
