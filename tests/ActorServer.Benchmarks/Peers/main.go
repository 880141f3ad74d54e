// The peer: net/http with a ConnState hook that counts, as its users do it. Told by lines, answers by lines.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"time"
)

func main() {
	var lock sync.Mutex
	states := map[net.Conn]http.ConnState{}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }),
		ConnState: func(c net.Conn, s http.ConnState) {
			lock.Lock()
			defer lock.Unlock()
			if s == http.StateClosed || s == http.StateHijacked {
				delete(states, c)
			} else {
				states[c] = s
			}
		},
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go server.Serve(listener)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		switch lines.Text() {
		case "collect":
			debug.FreeOSMemory()
			fmt.Println("collected")
		case "stop":
			start := time.Now()
			server.Shutdown(context.Background())
			fmt.Println(time.Since(start).Microseconds())
		}
	}
}
