namespace SessionManager.Hosting;

/// <summary>
/// The folder everything local is kept in (<c>DATA_DIR</c>), held by one process at a time: two writing one set of files
/// would each believe in slots the other has given away.
/// </summary>
public sealed class DataFolder(string path) : IDisposable
{
    FileStream? _held;

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The files of the embedded database have a folder to themselves, so that it can be moved as one.</summary>
    public string DatabaseFile(string name) => System.IO.Path.Combine(DatabasePath, name);

    string DatabasePath => File("database");

    /// <param name="exclusive">Whether the data itself is in the folder, and not in a database server.</param>
    /// <exception cref="StartupException">
    /// It cannot be made or written, another process holds it, or what is in it cannot be read by this version.
    /// </exception>
    public void Open(bool exclusive)
    {
        var name = File("lock");
        try
        {
            CreatePrivate(Path);
            // Also where nothing has to be held: opening it for writing shows that the folder can be written.
            _held = new FileStream(name, FileMode.OpenOrCreate, FileAccess.ReadWrite, exclusive ? FileShare.None : FileShare.ReadWrite);
            if (exclusive)
                OpenDatabase();
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StartupException($"DATA_DIR: the data folder {Path} cannot be written: {exception.Message}", exception);
        }
        catch (IOException exception) when (_held is null && IsHeld(name))
        {
            throw new StartupException($"DATA_DIR: another process is using the data folder {Path}.", exception);
        }
        catch (IOException exception)
        {
            throw new StartupException($"DATA_DIR: the data folder {Path} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Earlier versions had two engines with a folder each. What Orleans wrote is taken over by one rename, which happens whole or
    /// not at all; what the other engine wrote nobody can read any more, and to begin with nothing would look like its loss.
    /// </summary>
    void OpenDatabase()
    {
        var orleans = File("orleans");
        var other = File("inprocess");
        if (Directory.Exists(DatabasePath))
            return;
        if (HasGrains(orleans))
            Directory.Move(orleans, DatabasePath);
        else if (HasGrains(other))
            throw new StartupException(
                $"DATA_DIR: the data in {other} is of the engine InProcess, which is no more. Move that folder away to begin with nothing, or give another DATA_DIR.");
        else
            Directory.CreateDirectory(DatabasePath);
    }

    static bool HasGrains(string folder) => System.IO.File.Exists(System.IO.Path.Combine(folder, "grains.db"));

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

    public void Dispose() => _held?.Dispose();
}
