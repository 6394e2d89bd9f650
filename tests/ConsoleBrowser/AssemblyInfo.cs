[assembly: CollectionBehavior(MaxParallelThreads = 3)] // More than two cores' worth, as tests wait for their pages a good part of the time.
