package dev.postrider.delivery;

import dev.postrider.channel.ReceiptArrived;
import java.util.List;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Receipts that providers produce inside this process. */
@Component
class ReceiptListener {
  private final TakeReceipts receipts;

  ReceiptListener(TakeReceipts receipts) {
    this.receipts = receipts;
  }

  @EventListener
  void arrived(ReceiptArrived event) {
    receipts.take(event.senderId(), List.of(event.receipt()));
  }
}
