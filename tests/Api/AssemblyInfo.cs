[assembly: CollectionBehavior(MaxParallelThreads = 4)] // Twice as many as cores, as the longest wait for a deadline and do nothing.
