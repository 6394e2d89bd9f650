namespace SessionManager.Hosting;

/// <summary>
/// The folder everything local is kept in (<c>DATA_DIR</c>), held by one process at a time: two writing one set of files
/// would each believe in slots the other has given away.
/// </summary>
public sealed class DataFolder(string path, string engine) : IDisposable
{
    FileStream? held;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Each engine keeps its own files: the other's formats are none of its business.</summary>
    public string EngineFile(string name) => System.IO.Path.Combine(EnginePath, name);

    /// <summary>Where another engine's data is while this one has none yet, once opened; else null. It would seem to be lost.</summary>
    public string? OthersData { get; private set; }

    string EnginePath => File(engine.ToLowerInvariant());

    /// <param name="exclusive">Whether the data itself is in the folder, and not in a database server.</param>
    /// <exception cref="StartupException">It cannot be made or written, or another process holds it.</exception>
    public void Open(bool exclusive)
    {
        var name = File("lock");
        try
        {
            CreatePrivate(Path);
            if (exclusive && !Directory.Exists(EnginePath))
                OthersData = Directory.EnumerateDirectories(Path).FirstOrDefault(folder => System.IO.File.Exists(System.IO.Path.Combine(folder, "grains.db")));
            Directory.CreateDirectory(EnginePath);
            // Also where nothing has to be held: opening it for writing shows that the folder can be written.
            held = new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, exclusive ? FileShare.None : FileShare.ReadWrite);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StartupException($"DATA_DIR: the data folder {Path} cannot be written: {exception.Message}", exception);
        }
        catch (IOException exception) when (IsHeld(name))
        {
            throw new StartupException($"DATA_DIR: another process is using the data folder {Path}.", exception);
        }
        catch (IOException exception)
        {
            throw new StartupException($"DATA_DIR: the data folder {Path} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>What is in it is this user's own business. A folder that is there already keeps the mode it was given.</summary>
    static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    static bool IsHeld(string name)
    {
        try
        {
            System.IO.File.OpenRead(name).Dispose();
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return System.IO.File.Exists(name);
        }
    }

    public void Dispose() => held?.Dispose();
}
