package dev.postrider.channel;

/** A receipt that a provider produced inside this process. */
public record ReceiptArrived(long senderId, Receipt receipt) {}
