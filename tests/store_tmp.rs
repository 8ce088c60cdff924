mod event_store;
