// The texts of the small shop that every framework serves.
export const CONFIRMATION = "/orders/7829/confirmation";
export const TEXT = "Order placed – grüße";
