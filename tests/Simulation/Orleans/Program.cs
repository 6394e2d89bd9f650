// The simulator owns every turn, the clock and the storage of the engine it runs: only the InProcess engine lets it.
Console.Error.WriteLine("The simulation runs on the InProcess engine: add -p:Engine=InProcess.");
return 2;
